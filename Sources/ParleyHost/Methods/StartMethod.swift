import Conversations
import JSONRPC
import Jansson
import Journal

/// Beginning a conversation.
enum StartMethod {
    private static let userId = Parameter<Text?>.optional("userId", .string)
    private static let conversationId = Parameter<Text?>.optional("conversationId", .conversationID)
    private static let title = Parameter<Text?>.optional("title", .string)
    private static let type = Parameter<Text?>.optional("type", .string)
    private static let agentId = Parameter<Text?>.optional("agentId", .string)
    private static let organizationId = Parameter<Text?>.optional("organizationId", .string)
    private static let projectId = Parameter<Text?>.optional("projectId", .string)
    private static let tags = Parameter<[Text]>.optional("tags", .strings, default: [])
    private static let instructions = Parameter<Text?>.optional("instructions", .string)
    private static let metadata = Parameter<JSON?>.optional("metadata", .objectView)
    private static let context = Parameter<Members>.optional("context", .object, default: Members())

    static let start = Method(
        "conversation/start",
        [
            userId.declaration, conversationId.declaration, title.declaration, type.declaration, agentId.declaration,
            organizationId.declaration, projectId.declaration, tags.declaration, instructions.declaration,
            metadata.declaration, context.declaration, Common.ifExists.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        let now = host.options.clock.now()
        let metadata = try params[metadata]
        let agent = try host.agent(try params[agentId])
        var type = try params[type].map { (type) throws(RPCError) in try host.type(type) }
        if type == nil, let named = metadata?["type"] { type = try typeInMetadata(named, host) }
        let given = try params[context]
        try Settable.check(given, path: "context")
        let loadsProfile = try loadsProfile(metadata?["loadUserProfile"])
        let started = Started(
            id: try params[conversationId] ?? host.freeConversationID(),
            userId: try params[userId] ?? host.options.userId, agentId: agent.id,
            organizationId: try params[organizationId] ?? agent.entry.organizationId,
            projectId: try params[projectId] ?? agent.entry.projectId,
            type: type ?? "general", title: try params[title], tags: try params[tags].unique,
            instructions: try params[instructions], metadata: Members(metadata),
            context: Members.initialContext(given))
        let welcome = try welcome(metadata?["sendWelcome"], host)
        let opensExisting = try params[Common.ifExists] == .open
        host.claim(started.id, call) { () throws(RPCError) in
            if loadsProfile, !host.isTaken(started.id) {
                try host.loadProfile(for: call, started, welcome: welcome, at: now)
            } else {
                try host.start(call, started, welcome: welcome, opensExisting: opensExisting, at: now)
            }
        }
    }

    private static func loadsProfile(_ wish: JSON?) throws(RPCError) -> Bool {
        guard let wish else { return false }
        if let loads = wish.boolean { return loads }
        throw RPCError(
            .invalidParams, "`metadata.loadUserProfile` must be a boolean, not \(wish.article).",
            [("path", .string("metadata.loadUserProfile")), ("expected", .string("a boolean"))])
    }

    private static func typeInMetadata(_ json: JSON, _ host: isolated Host) throws(RPCError) -> Text {
        guard let type = json.text else { throw host.unknownType(JSONFragment(json), at: "metadata.type") }
        return try host.type(type, at: "metadata.type")
    }

    private static func welcome(_ wish: JSON?, _ host: isolated Host) throws(RPCError) -> Text? {
        guard let wish else { return nil }
        switch wish.kind {
        case .string: return wish.text
        case .boolean: return wish.boolean == true ? host.options.welcome : nil
        default:
            throw RPCError(
                .invalidParams, "`metadata.sendWelcome` must be a boolean or the message to send.",
                [("path", .string("metadata.sendWelcome")), ("expected", .string("a boolean or a string"))])
        }
    }
}

extension Host {
    /// Begins a conversation when its user's profile is there.
    fileprivate func loadProfile(
        for call: Call, _ started: Started, welcome: Text?, at now: Timestamp
    ) throws(RPCError) {
        guard let profiles = options.profiles else {
            throw .profileUnavailable(
                "`metadata.loadUserProfile` asks for the user's profile, but the config names no `profiles`.",
                started.userId)
        }
        try reserve(started.id)
        load(profiles, started.userId, started.id) { host, outcome in
            host.release(started.id) {
                do throws(RPCError) {
                    var started = started
                    started.context["user_profile"] = try outcome.get()
                    try host.start(call, started, welcome: welcome, opensExisting: false, at: now)
                } catch {
                    host.answer(call, error)
                }
            }
        }
    }

    fileprivate func start(
        _ call: Call, _ started: Started, welcome: Text?, opensExisting: Bool, at now: Timestamp
    ) throws(RPCError) {
        let id = started.id
        if isTaken(id) {
            if !opensExisting { throw .conversationExists(id) }
            withConversation(id, for: .reading, call) { conversation, log throws(RPCError) in
                self.answerConversation(call, conversation, log)
            }
            return
        }
        try makeRoom()
        do throws(StoreError) {
            let log = try ConversationLog(creating: id, in: store)
            let conversation = OpenConversation(id, log: log)
            conversation.lastUsedInStep = step
            conversation.tally = KeptTally(beginning: analyser)
            conversations[id] = conversation
            _ = try lock(conversation, log)
            log.append(.started(started), at: now)
            if let welcome {
                let message = Message(
                    id: identifiers.next(.message, at: now), role: .system, content: welcome)
                log.append(.message(message), at: now)
            }
            answerConversation(call, conversation, log)
        } catch {
            throw RPCError(error, id)
        }
    }

    /// The agent of that id, or the default one.
    func agent(_ id: Text?) throws(RPCError) -> RegisteredAgent {
        let id = id ?? registry.defaultAgent
        if let agent = agents[id] { return agent }
        let known = registry.entries.map(\.id.description)
        throw RPCError(
            .agentNotFound,
            "There is no agent `\(id)`: known are \(known.map { "`\($0)`" }.joined(separator: ", ")).",
            [("agentId", .shown(id)), ("known", .strings(known))])
    }
}

extension [Text] {
    /// Each once, in the order in which they come first.
    var unique: [Text] {
        var seen: Set<Text> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Shape where Value == Text {
    static let conversationID = Shape(
        "an id of up to 128 letters, digits, `.`, `_` and `-`, beginning with a letter or digit",
        schema: ["type": .string("string"), "pattern": .string("^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    ) { json in json.text.flatMap { Identifier.isConversationID($0) ? $0 : nil } }
}

extension Shape where Value == JSON {
    /// An object that is looked into before it is kept.
    static let objectView = Shape("an object", schema: ["type": .string("object")]) { $0.isObject ? $0 : nil }
}

/// Members of a context that only Parley sets.
enum Settable {
    static func check(_ context: Members, path: String) throws(RPCError) {
        for name: Text in ["conversation_state", "conversation_type"] where context[name] != nil {
            try refuse(name, path: path)
        }
        for name: Text in ["user_preferences", "custom_data"] {
            if let value = context[name], value.bytes.first != UInt8(ascii: "{") {
                throw RPCError(
                    .invalidParams, "`\(path).\(name)` must be an object.",
                    [("path", .string("\(path).\(name)")), ("expected", .string("an object"))])
            }
        }
    }

    static func check(removal names: [Text], path: String) throws(RPCError) {
        let fixed: [Text] = ["conversation_state", "conversation_type", "user_preferences", "custom_data"]
        for name in names where fixed.contains(name) { try refuse(name, path: path) }
    }

    private static func refuse(_ name: Text, path: String) throws(RPCError) {
        let ways: [Text: String] = [
            "conversation_state": "it follows `conversation/end` and `conversation/reopen`",
            "conversation_type": "set `type` instead",
        ]
        throw RPCError(
            .invalidParams, "`\(path)` can't change `\(name)`: \(ways[name] ?? "every context has it").",
            [("path", .string("\(path).\(name)"))])
    }
}
