import Glibc
import Jansson

/// One JSON-RPC 2.0 message from the client, classified; its params are still untyped.
package enum IncomingMessage: Sendable {
    /// `id` is nil for a notification.
    case request(id: RequestID?, method: Text, params: JSON?)
    /// An answer, though nothing was asked: to be logged and dropped.
    case response
    /// JSON, but no message. The id where one could be told.
    case invalid(id: RequestID, RPCError)

    package init(_ json: JSON) {
        guard json.isObject else {
            self = .invalid(
                id: .null, RPCError(.invalidRequest, "A request is a JSON object; this is \(json.article)."))
            return
        }
        var version: JSON?
        var idMember: JSON?
        var method: JSON?
        var params: JSON?
        var isAnswer = false
        for (name, value) in json.members {
            switch name.count {
            case 2 where name.equals("id"): idMember = value
            case 5 where name.equals("error"): isAnswer = true
            case 6 where name.equals("method"): method = value
            case 6 where name.equals("params"): params = value
            case 6 where name.equals("result"): isAnswer = true
            case 7 where name.equals("jsonrpc"): version = value
            default: break
            }
        }
        if isAnswer, method == nil {
            self = .response
            return
        }
        let id = idMember.flatMap { RequestID($0) }
        if let idMember, id == nil {
            self = .invalid(
                id: .null,
                RPCError(.invalidRequest, "`id` must be a string, a number or null; this is \(idMember.article)."))
        } else if version?.text != "2.0" {
            self = .invalid(id: id ?? .null, RPCError(.invalidRequest, "`jsonrpc` must be \"2.0\"."))
        } else if let method = method?.text, !isAnswer {
            if let params, !params.isObject, !params.isNull, params.kind != .array {
                let message = "`params` must be an object; this is \(params.article)."
                self = .invalid(id: id ?? .null, RPCError(.invalidRequest, message))
            } else {
                self = .request(id: idMember == nil ? nil : id, method: method, params: params)
            }
        } else {
            let message =
                isAnswer ? "A message has either `method` or a result, not both." : "`method` must be a string."
            self = .invalid(id: id ?? .null, RPCError(.invalidRequest, message))
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    package func equals(_ name: StaticString) -> Bool {
        guard count == name.utf8CodeUnitCount, let baseAddress else { return count == name.utf8CodeUnitCount }
        return memcmp(baseAddress, name.utf8Start, count) == 0
    }
}

extension JSON {
    /// What the value is, for a sentence: "an array".
    package var article: String {
        switch kind {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .integer, .real: "a number"
        case .boolean: "a boolean"
        case .null: "null"
        }
    }
}

extension RPCError {
    /// The answer to a line that is not JSON that we take.
    package init(_ failure: JSONSyntaxError) {
        let kind: ErrorKind =
            switch failure.kind {
            case .malformed: .parseError
            case .tooDeep: .tooDeep
            case .tooComplex: .tooComplex
            }
        self.init(
            kind, "The line is not JSON that can be taken: \(failure.reason) (byte \(failure.offset)).",
            [("offset", .integer(failure.offset))])
    }
}
