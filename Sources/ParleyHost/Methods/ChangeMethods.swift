import Conversations
import JSONRPC
import Jansson
import Journal

/// Changing what a conversation is.
enum ChangeMethods {
    private static let title = Parameter<Text?>.optional("title", .string)
    private static let agentId = Parameter<Text?>.optional("agentId", .string)
    private static let type = Parameter<Text?>.optional("type", .string)
    private static let archived = Parameter<Bool?>.optional("archived", .boolean)
    private static let instructions = Parameter<Text?>.optional("instructions", .string)
    private static let addTags = Parameter<[Text]>.optional("addTags", .strings, default: [])
    private static let removeTags = Parameter<[Text]>.optional("removeTags", .strings, default: [])
    private static let context = Parameter<Members>.optional("context", .object, default: Members())
    private static let metadata = Parameter<Members>.optional("metadata", .object, default: Members())
    private static let removeContext = Parameter<[Text]>.optional("removeContext", .strings, default: [])
    private static let removeMetadata = Parameter<[Text]>.optional("removeMetadata", .strings, default: [])
    private static let ifSeq = Parameter<Int?>.optional("ifSeq", .integer(atLeast: 0))
    private static let reason = Parameter<Text>.optional("reason", .string, default: "user_ended")

    static let update = Method(
        "conversation/update",
        [
            Common.conversationId.declaration, title.declaration, agentId.declaration, type.declaration,
            archived.declaration, instructions.declaration, addTags.declaration, removeTags.declaration,
            context.declaration, metadata.declaration, removeContext.declaration, removeMetadata.declaration,
            ifSeq.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        var wanted = Update()
        wanted.title = try params[title]
        wanted.agentId = try params[agentId].map { (id) throws(RPCError) in try host.agent(id).id }
        wanted.type = try params[type].map { (type) throws(RPCError) in try host.type(type) }
        wanted.archived = try params[archived]
        wanted.instructions = try params[instructions]
        wanted.context = Update.Merge(set: try params[context], remove: try params[removeContext])
        wanted.metadata = Update.Merge(set: try params[metadata], remove: try params[removeMetadata])
        try Settable.check(wanted.context.set, path: "context")
        try Settable.check(removal: wanted.context.remove, path: "removeContext")
        let added = try params[addTags]
        let removed = try params[removeTags]
        let expectedSeq = try params[ifSeq]
        let update = wanted
        host.withConversation(try params[Common.conversationId], for: .writing, call) {
            conversation, log throws(RPCError) in
            guard let state = log.contents.conversation else { return }
            if let expectedSeq, expectedSeq != state.seq { throw .conflict(conversation.id, expectedSeq, state.seq) }
            var change = update.leavingOut(whatIsSoIn: state)
            let tags = (state.tags + added).unique.filter { !removed.contains($0) }
            if tags != state.tags { change.tags = tags }
            if change.archived == true {
                try host.freeOfTurns(conversation, log, "The conversation was archived.")
            }
            if !change.isEmpty { log.append(.updated(change), at: host.options.clock.now()) }
            host.answerConversation(call, conversation, log)
        }
    }

    static let end = Method(
        "conversation/end", [Common.conversationId.declaration, reason.declaration]
    ) { (host, call, params) throws(RPCError) in
        let reason = try params[reason]
        host.withConversation(try params[Common.conversationId], for: .writing, call) {
            conversation, log throws(RPCError) in
            if !log.isEnded {
                try host.freeOfTurns(conversation, log, "The conversation was ended.")
                log.append(.ended(reason: reason), at: host.options.clock.now())
            }
            host.answerConversation(call, conversation, log)
        }
    }

    static let reopen = Method(
        "conversation/reopen", [Common.conversationId.declaration]
    ) { (host, call, params) throws(RPCError) in
        host.withConversation(try params[Common.conversationId], for: .writing, call) {
            conversation, log throws(RPCError) in
            if log.isEnded { log.append(.reopened, at: host.options.clock.now()) }
            host.answerConversation(call, conversation, log)
        }
    }
}

extension Host {
    /// Cancels this host's turns in a conversation.
    ///
    /// - Throws: `turnInProgress` where another process runs one.
    func freeOfTurns(
        _ conversation: OpenConversation, _ log: ConversationLog, _ reason: String
    ) throws(RPCError) {
        cancelTurns(of: conversation, reason)
        if log.openTurn != nil {
            // In a damaged file the end of a turn whose process died could not be recorded.
            if !log.isWritable, let lock = try? turnLock(of: conversation), lock.take() {
                lock.release()
                return
            }
            throw .turnInProgress(conversation.id, conversation.turnLock?.owner)
        }
    }
}

extension Update {
    /// Without what would change nothing, so that asking twice makes one event.
    fileprivate func leavingOut(whatIsSoIn state: Conversation) -> Update {
        var change = Update()
        if let title, title != state.givenTitle ?? "" { change.title = title }
        if let agentId, agentId != state.agentId { change.agentId = agentId }
        if let type, type != state.type { change.type = type }
        if let archived, archived != state.archived { change.archived = archived }
        if let instructions, instructions != state.instructions ?? "" { change.instructions = instructions }
        change.context = context.leavingOut(whatIsSoIn: state.context)
        change.metadata = metadata.leavingOut(whatIsSoIn: state.metadata)
        return change
    }
}

extension Update.Merge {
    fileprivate func leavingOut(whatIsSoIn members: Members) -> Update.Merge {
        var change = Update.Merge()
        for (name, value) in self.set.list where members[name] != value { change.set[name] = value }
        change.remove = remove.unique.filter { members[$0] != nil || change.set[$0] != nil }
        return change
    }
}

extension RPCError {
    fileprivate static func conflict(_ id: Text, _ expected: Int, _ seq: Int) -> RPCError {
        RPCError(
            .conflict, "`\(id)` is at seq \(seq), not `\(expected)`: read it again before changing it.",
            [("conversationId", .shown(id)), ("seq", .integer(seq))])
    }
}
