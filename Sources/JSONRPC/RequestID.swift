import Jansson

/// What a request is called by its client: it comes back as the same value.
package enum RequestID: Hashable, Sendable {
    case string(Text)
    case integer(Int64)
    case real(Double)
    /// JSON's null: of a request whose id is null, and of an answer to what could not be told.
    case null

    /// Nil where the value may not be an id (JSON-RPC 2.0, section 4: string, number or null).
    package init?(_ json: JSON) {
        switch json.kind {
        case .string: self = .string(json.text ?? "")
        case .integer: self = .integer(json.integer ?? 0)
        case .real: self = .real(json.number ?? 0)
        case .null: self = .null
        default: return nil
        }
    }
}

extension JSONWriter {
    package mutating func id(_ id: RequestID) {
        switch id {
        case .string(let text): string(text)
        case .integer(let value): integer(value)
        case .real(let value): real(value)
        case .null: null()
        }
    }
}
