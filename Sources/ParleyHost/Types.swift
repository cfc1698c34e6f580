import Insight
import JSONRPC
import Jansson

/// The types that a conversation may have: the built-in ones, and those of the config.
extension Host {
    var types: [Text] { ConversationType.allCases.map { Text($0.rawValue) } + options.hooks.types.keys.sorted() }

    /// - Parameter path: where the type was given.
    /// - Throws: `invalidParams` where there is none of that name.
    func type(_ given: Text, at path: String = "type") throws(RPCError) -> Text {
        if ConversationType(rawValue: given.description) != nil || options.hooks.types[given] != nil { return given }
        throw unknownType(.string(given), at: path)
    }

    func unknownType(_ given: JSONFragment, at path: String) -> RPCError {
        let known = types.map { "\"\($0)\"" }.joined(separator: ", ")
        let shown = String(decoding: given.bytes.prefix(80), as: UTF8.self)
        return RPCError(
            .invalidParams, "`\(path)` must be one of \(known), not `\(shown)`.",
            [("path", .string(path)), ("expected", .string("one of \(known)"))])
    }
}
