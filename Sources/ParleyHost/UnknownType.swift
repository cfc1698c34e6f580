import Insight
import JSONRPC
import Jansson

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
