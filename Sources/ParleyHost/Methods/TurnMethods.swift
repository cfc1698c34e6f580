import Conversations
import JSONRPC
import Jansson
import Journal

/// Sending messages, having them answered again, and cancelling what they set going.
enum TurnMethods {
    private static let content = Parameter<Text>.required("content", .string)
    private static let role = Parameter<Role>.optional("role", .word(), default: .user)
    private static let execute = Parameter<Bool>.optional("execute", .boolean, default: true)
    private static let replaces = Parameter<Text?>.optional("replaces", .string)
    private static let metadata = Parameter<JSON?>.optional("metadata", .objectView)
    private static let wait = Parameter<Bool>.optional("wait", .boolean, default: true)
    private static let stream = Parameter<Bool>.optional("stream", .boolean, default: false)
    private static let idempotencyKey = Parameter<Text?>.optional("idempotencyKey", .idempotencyKey)
    private static let agentId = Parameter<Text?>.optional("agentId", .string)
    private static let turnId = Parameter<Text?>.optional("turnId", .string)

    static let send = Method(
        "conversation/send",
        [
            Common.conversationId.declaration, content.declaration, role.declaration, execute.declaration,
            replaces.declaration, metadata.declaration, Common.whenBusy.declaration, wait.declaration,
            stream.declaration, idempotencyKey.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        let role = try params[role]
        let metadata = try params[metadata]
        var message = Message(
            id: "", role: role, content: try params[content],
            metadata: metadata.map { JSONFragment($0) } ?? .emptyObject, idempotencyKey: try params[idempotencyKey])
        message.readMetadata(metadata)
        host.send(
            SendRequest(
                call: call, conversationId: try params[Common.conversationId], message: message,
                runsAgent: try params[execute] && role == .user, replaces: try params[replaces],
                whenBusy: try params[Common.whenBusy],
                wishes: TurnWishes(waits: try params[wait], streams: try params[stream])))
    }

    static let retry = Method(
        "turn/retry",
        [
            Common.conversationId.declaration, agentId.declaration, Common.whenBusy.declaration, wait.declaration,
            stream.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        let named = try params[agentId].map { (id) throws(RPCError) in try host.agent(id) }
        let whenBusy = try params[Common.whenBusy]
        let wishes = TurnWishes(waits: try params[wait], streams: try params[stream])
        host.withConversation(try params[Common.conversationId], for: .writing, call) {
            conversation, log throws(RPCError) in
            if log.isEnded { throw .conversationEnded(conversation.id) }
            let agent = if let named { named } else { try host.agent(log.agentId) }
            let now = host.options.clock.now()
            let turn = Turn(
                id: host.identifiers.next(.turn, at: now), agent: agent,
                origin: .retried, message: Message(id: "", role: .user, content: ""), whenBusy: whenBusy, since: now)
            try host.submit(turn, call, wishes, conversation)
        }
    }

    static let cancel = Method(
        "turn/cancel", [Common.conversationId.declaration, turnId.declaration]
    ) { (host, call, params) throws(RPCError) in
        let turnId = try params[turnId]
        host.withConversation(try params[Common.conversationId], for: .writing, call) {
            conversation, log throws(RPCError) in
            let turns = [conversation.running].compactMap { $0 } + conversation.queue
            guard let turn = turns.first(where: { $0.state != .ended && (turnId == nil || $0.id == turnId) }) else {
                throw .turnNotFound(turnId, conversation)
            }
            host.cancelTurn(turn, conversation)
            host.answer(call, about: conversation) { writer in
                writer.beginObject()
                writer.member("turnId", turn.id)
                writer.key("outcome")
                writer.string("cancelled")
                writer.endObject()
            }
        }
    }
}

/// What `conversation/send` is asked for.
struct SendRequest: Sendable {
    var call: Call
    let conversationId: Text
    /// Without its id, which it gets when it is taken.
    let message: Message
    /// Whether it opens a turn.
    let runsAgent: Bool
    let replaces: Text?
    let whenBusy: WhenBusy
    var wishes: TurnWishes
}

/// How a call wants to hear of its turn.
struct TurnWishes: Sendable {
    /// Whether it is answered at the turn's end, or as soon as the message is stored.
    var waits: Bool
    /// Whether it is told on the way.
    var streams: Bool
}

extension Host {
    func send(_ request: SendRequest) {
        withConversation(request.conversationId, for: .writing, request.call) {
            conversation, log throws(RPCError) in
            if try self.isSentAlready(request, conversation, log) { return }
            if log.isEnded { throw .conversationEnded(conversation.id) }
            // Before anything makes way for it.
            if let replaced = request.replaces { _ = try self.replaced(replaced, by: request.message.role, log) }
            let now = self.options.clock.now()
            var message = request.message
            message.id = self.identifiers.next(.message, at: now)
            guard request.runsAgent else {
                if request.replaces != nil { try self.refuseDuringTurn(conversation, log) }
                let line = try self.store(message, replacing: request.replaces, conversation, log, at: now)
                if request.replaces != nil {
                    self.tellInsight(conversation, log, at: now)
                } else {
                    self.tellInsightIfDue(conversation, log, at: now)
                }
                self.answer(request.call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
                    try writer.sent(line, turnId: nil, seq: log.seq, in: log)
                }
                return
            }
            let turnId = self.identifiers.next(.turn, at: now)
            message.turnId = turnId
            let turn = Turn(
                id: turnId, agent: try self.agent(log.agentId), origin: .sent(replacing: request.replaces),
                request: request, message: message, whenBusy: request.whenBusy, since: now)
            try self.submit(turn, request.call, request.wishes, conversation)
        }
    }

    /// What stands in the history behind a message can't go while an agent works on it.
    private func refuseDuringTurn(_ conversation: OpenConversation, _ log: ConversationLog) throws(RPCError) {
        if let running = conversation.running { throw .turnInProgress(conversation, running) }
        if log.openTurn != nil { throw .turnInProgress(conversation.id, conversation.turnLock?.owner) }
    }
}

extension Shape where Value == Text {
    fileprivate static let idempotencyKey = Shape(
        "a string of 1 to 255 bytes",
        schema: ["type": .string("string"), "minLength": .integer(1), "maxLength": .integer(255)]
    ) { json in json.text.flatMap { (1...255).contains($0.utf8.count) ? $0 : nil } }
}

extension RPCError {
    fileprivate static func turnNotFound(_ turnId: Text?, _ conversation: OpenConversation) -> RPCError {
        let sentence =
            turnId.map { "No turn `\($0)` runs or waits here in `\(conversation.id)`." }
            ?? "No turn runs here in `\(conversation.id)`."
        let error = RPCError(.turnNotFound, sentence, [("conversationId", .shown(conversation.id))])
        return turnId.map { error.with("turnId", .shown($0)) } ?? error
    }
}
