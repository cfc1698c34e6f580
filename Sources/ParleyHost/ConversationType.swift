import JSONRPC
import Jansson

/// What a conversation is for.
package enum ConversationType: String, CaseIterable, Sendable {
    case customerSupport = "customer_support"
    case sales
    case general
}

extension RPCError {
    /// - Parameter path: where the type was given.
    static func unknownType(_ given: JSONFragment, at path: String) -> RPCError {
        let known = ConversationType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        let shown = String(decoding: given.bytes.prefix(80), as: UTF8.self)
        return RPCError(
            .invalidParams, "`\(path)` must be one of \(known), not `\(shown)`.",
            [("path", .string(path)), ("expected", .string("one of \(known)"))])
    }
}
