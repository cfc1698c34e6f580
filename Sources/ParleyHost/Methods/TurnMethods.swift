import Conversations
import JSONRPC
import Jansson
import Journal

/// Sending messages and cancelling what they set going.
enum TurnMethods {
    private static let content = Parameter<Text>.required("content", .string)
    private static let role = Parameter<Role>.optional("role", .word(), default: .user)
    private static let execute = Parameter<Bool>.optional("execute", .boolean, default: true)
    private static let metadata = Parameter<JSON?>.optional("metadata", .objectView)
    private static let wait = Parameter<Bool>.optional("wait", .boolean, default: true)
    private static let turnId = Parameter<Text?>.optional("turnId", .string)

    static let send = Method(
        "conversation/send",
        [
            Common.conversationId.declaration, content.declaration, role.declaration, execute.declaration,
            metadata.declaration, Common.whenBusy.declaration, wait.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        let role = try params[role]
        let runsAgent = try params[execute] && role == .user
        let whenBusy = try params[Common.whenBusy]
        let waits = try params[wait]
        let message = Message(
            id: "", role: role, content: try params[content],
            metadata: try params[metadata].map { JSONFragment($0) } ?? .emptyObject)
        host.withConversation(try params[Common.conversationId], for: .writing, call) {
            conversation, log throws(RPCError) in
            if log.isEnded { throw .conversationEnded(conversation.id) }
            let now = host.options.clock.now()
            var message = message
            message.id = host.identifiers.next(.message, at: now)
            guard runsAgent else {
                host.store(message, call, conversation, log, at: now)
                return
            }
            let turnId = host.identifiers.next(.turn, at: now)
            message.turnId = turnId
            let turn = Turn(
                id: turnId, agent: try host.agent(log.agentId), message: message, whenBusy: whenBusy, call: call,
                answersWhenStored: !waits, since: now)
            try host.submit(turn, conversation)
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

extension Host {
    /// Stores a message that no agent is asked about.
    fileprivate func store(
        _ message: Message, _ call: Call, _ conversation: OpenConversation, _ log: ConversationLog, at now: Timestamp
    ) {
        let line = log.lineCount
        let seq = log.append(.message(message), at: now)
        answer(call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
            writer.beginObject()
            writer.key("message")
            try writer.event(line, of: log)
            writer.key("seq")
            writer.integer(seq)
            writer.endObject()
        }
    }
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
