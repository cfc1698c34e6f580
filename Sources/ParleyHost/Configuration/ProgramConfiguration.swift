import Agents
import Conversations
import Insight
import JSONRPC
import Jansson

/// Keys of what is a program: agents of the kinds exec and plugin, and hooks.
enum ProgramKeys {
    static let command = Parameter<[Text]?>.optional("command", .command)
    static let environment = Parameter<[Text]>.optional("environment", .variableNames, default: [])
    static let settings = Parameter<JSON?>.optional("settings", .objectView)
    static let timeout = Parameter<Double>.optional("timeout", .seconds, default: 5)
}

extension Configuration {
    static func program(
        _ place: String, _ keys: Parameters, _ context: ConfigurationContext
    ) throws(RPCError) -> Program {
        guard let command = try keys[ProgramKeys.command] else {
            throw RPCError(
                .invalidParams, "`command` is missing: the program and its arguments, such as [\"./agent.py\"].")
        }
        return context.program(place, command, try keys[ProgramKeys.environment])
    }

    static func settings(_ keys: Parameters) throws(RPCError) -> JSONFragment {
        try keys[ProgramKeys.settings].map { JSONFragment($0) } ?? .emptyObject
    }

    // MARK: Hooks

    private static let fileKey = Parameter<Text?>.optional("file", .string)
    private static let wordsKey = Parameter<Text?>.optional("words", .string)
    private static let sentimentKey = Parameter<JSON?>.optional("sentiment", .objectView)
    private static let topicsKey = Parameter<JSON?>.optional("topics", .objectView)
    private static let typesKey = Parameter<JSON?>.optional("types", .objectView)

    static func profiles(_ json: JSON?, _ context: ConfigurationContext) throws(RPCError) -> Profiles? {
        guard let json else { return nil }
        return try at("profiles") { () throws(RPCError) in
            let keys = try Parameters(
                json,
                declared: [
                    fileKey.declaration, ProgramKeys.command.declaration, ProgramKeys.environment.declaration,
                    ProgramKeys.settings.declaration, ProgramKeys.timeout.declaration,
                ], noun: "key")
            switch (try keys[fileKey], try keys[ProgramKeys.command]) {
            case (let file?, nil) where json.count == 1:
                context.require("profiles", .file(context.path(file)))
                return .file(context.path(file))
            case (nil, .some): return .plugin(try hook("profiles", keys, context))
            default: throw RPCError(.invalidParams, "it has either a `file` or a `command`.")
            }
        }
    }

    static func insight(
        _ json: JSON?, _ context: ConfigurationContext
    ) throws(RPCError) -> (words: WordList?, hooks: Hooks) {
        try at("insight") { () throws(RPCError) in
            let keys = try Parameters(
                json,
                declared: [
                    wordsKey.declaration, sentimentKey.declaration, topicsKey.declaration, typesKey.declaration,
                ], noun: "key")
            let words = try keys[wordsKey].map { (name) throws(RPCError) in try loadWords(context.path(name)) }
            var hooks = Hooks()
            hooks.sentiment = try hook("sentiment", in: "insight.sentiment", try keys[sentimentKey], context)
            hooks.topics = try hook("topics", in: "insight.topics", try keys[topicsKey], context)
            try at("types") { () throws(RPCError) in
                guard let types = try keys[typesKey] else { return }
                for (name, value) in types.members {
                    let name = Text(name)
                    try check(type: name)
                    hooks.types[name] = try hook("\(name)", in: "insight.types.\(name)", value, context)
                }
            }
            return (words, hooks)
        }
    }

    private static func check(type name: Text) throws(RPCError) {
        if ConversationType(rawValue: name.description) != nil {
            throw RPCError(.invalidParams, "`\(name)` is built in: a type of your own needs another name.")
        }
        if Identifier.isConversationID(name), name.utf8.count <= 64 { return }
        throw RPCError(
            .invalidParams,
            "`\(name)` can't name a type: up to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit."
        )
    }

    /// - Parameter key: where it stands in what is read now; `place` is that in the whole config.
    private static func hook(
        _ key: String, in place: String, _ json: JSON?, _ context: ConfigurationContext
    ) throws(RPCError) -> Hook? {
        guard let json else { return nil }
        return try at(key) { () throws(RPCError) in
            guard json.isObject else { throw RPCError(.invalidParams, "it is an object, not \(json.article).") }
            let keys = try Parameters(
                json,
                declared: [
                    ProgramKeys.command.declaration, ProgramKeys.environment.declaration,
                    ProgramKeys.settings.declaration, ProgramKeys.timeout.declaration,
                ], noun: "key")
            return try hook(place, keys, context)
        }
    }

    private static func hook(
        _ place: String, _ keys: Parameters, _ context: ConfigurationContext
    ) throws(RPCError) -> Hook {
        let program = try program(place, keys, context)
        let plugin = context.plugin(Text(place), program, settings: try settings(keys))
        return Hook(plugin: plugin, seconds: try keys[ProgramKeys.timeout])
    }
}

extension Shape where Value == [Text] {
    /// Words without U+0000, which no program could be given.
    static let command = Shape(
        "a list of words, the first the program's name", schema: ["type": .string("array")]
    ) { json in
        guard let words = Shape.strings.read(json), let first = words.first, !first.isEmpty else { return nil }
        return words.contains { $0.utf8.contains(0) } ? nil : words
    }

    fileprivate static let variableNames = Shape(
        "a list of names of environment variables", schema: ["type": .string("array")]
    ) { json in
        guard let names = Shape.strings.read(json) else { return nil }
        return names.allSatisfy(\.isVariableName) ? names : nil
    }
}

extension Text {
    /// A letter or `_`, and then digits too.
    var isVariableName: Bool {
        guard let first = utf8.first, first < 0x30 || first > 0x39 else { return false }
        return utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
        }
    }
}
