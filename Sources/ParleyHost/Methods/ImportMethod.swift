import JSONRPC
import Jansson

/// A conversation that comes from elsewhere.
enum ImportMethod {
    private static let conversation = Parameter<JSON?>.optional("conversation", .objectView)
    private static let text = Parameter<Text?>.optional("text", .string)
    private static let path = Parameter<Text?>.optional("path", .string)
    private static let format = Parameter<ExchangeFormat?>.optional("format", .word())

    static let `import` = Method(
        "conversation/import",
        [
            conversation.declaration, text.declaration, path.declaration, format.declaration,
            Common.ifExists.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        let sources: [ImportSource?] = [
            try params[conversation].map { .conversation($0) }, try params[text].map { .text($0) },
            try params[path].map { .path($0.description) },
        ]
        let given = sources.compactMap { $0 }
        guard given.count == 1, let source = given.first else {
            throw RPCError(
                .invalidParams, "An import takes exactly one of `conversation`, `text` and `path`.",
                [("path", .string("conversation")), ("expected", .string("one of the three"))])
        }
        let format = try params[format]
        if case .conversation = source, let format, format != .json {
            throw RPCError(
                .invalidParams, "`conversation` is an object, so its `format` is \"json\".",
                [("path", .string("format")), ("expected", .string("\"json\""))])
        }
        let opensExisting = try params[Common.ifExists] == .open
        // Nothing else begins before it is known which conversation this is about.
        host.order.holds += 1
        host.runAside {
            Result { () throws(RPCError) in try source.read(format) }
        } then: { host, outcome in
            do throws(RPCError) {
                try host.take(try outcome.get(), call, opensExisting: opensExisting)
            } catch {
                host.answer(call, error)
            }
            host.order.holds -= 1
            host.beginWaiting()
        }
    }
}
