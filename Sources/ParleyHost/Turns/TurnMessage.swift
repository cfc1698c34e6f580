import Conversations
import JSONRPC
import Jansson
import Journal

/// The message that a turn is about: stored when the turn begins, or found among those that are.
extension Host {
    func store(
        _ turn: Turn, _ conversation: OpenConversation, _ log: ConversationLog, at now: Timestamp
    ) throws(RPCError) {
        switch turn.origin {
        case .sent(let replaced):
            turn.line = try store(turn.message, replacing: replaced, conversation, log, at: now)
        case .retried:
            let last = try log.read { (log) throws(StoreError) in try log.lastUserMessage() }
            guard let stored = last else { throw .nothingToRetry(log.id) }
            try answerAnew(stored, turn, replacesAnswer: true, log, at: now)
        case .resent(let first):
            // It may have been edited away while this waited.
            let stored = try log.read { (log) throws(StoreError) in try log.message(withID: first.message.id) } ?? first
            if !stored.isInHistory { throw .messageNotFound(stored.message.id, log.id) }
            // What was said since stays; only where nothing was, the turn that failed gives way to this one.
            let isLast = !(stored.line + 1..<log.lineCount).contains { log.entry($0).isInHistory }
            try answerAnew(stored, turn, replacesAnswer: isLast, log, at: now)
        }
    }

    /// Stores a message, in the place of another and all behind it perhaps; answers with its line.
    func store(
        _ message: Message, replacing replaced: Text?, _ conversation: OpenConversation, _ log: ConversationLog,
        at now: Timestamp
    ) throws(RPCError) -> Int {
        if let replaced {
            let stored = try self.replaced(replaced, by: message.role, log)
            log.append(.superseded(fromSeq: stored.seq), at: now)
        }
        let line = log.lineCount
        log.append(.message(message), at: now)
        note(message, at: line, conversation, log)
        return line
    }

    /// The message of the history whose place one with that role is to take.
    func replaced(_ id: Text, by role: Role, _ log: ConversationLog) throws(RPCError) -> StoredMessage {
        let stored = try log.historyMessage(id)
        if stored.message.role != role { throw .otherRole(stored.message, role) }
        return stored
    }

    /// - Parameter replacesAnswer: whether the answer that it has leaves the history, with all behind that.
    private func answerAnew(
        _ stored: StoredMessage, _ turn: Turn, replacesAnswer: Bool, _ log: ConversationLog, at now: Timestamp
    ) throws(RPCError) {
        turn.message = stored.message
        turn.line = stored.line
        if replacesAnswer {
            let line = try log.read { (log) throws(StoreError) in try log.answer(to: stored) }
            if let line { log.append(.superseded(fromSeq: log.seq(line)), at: now) }
        }
        log.append(.turnStarted(TurnStart(turnId: turn.id, messageId: stored.message.id)), at: now)
    }
}

extension ConversationLog {
    /// - Throws: `messageNotFound` where the history has none of that id.
    func historyMessage(_ messageId: Text) throws(RPCError) -> StoredMessage {
        let found = try read { (log) throws(StoreError) in try log.message(withID: messageId) }
        guard let found, found.isInHistory else { throw .messageNotFound(messageId, id) }
        return found
    }
}

extension Turn {
    var isRetried: Bool {
        if case .retried = origin { true } else { false }
    }
}

extension RPCError {
    static func messageNotFound(_ messageId: Text, _ id: Text) -> RPCError {
        RPCError(
            .messageNotFound,
            "There is no message `\(messageId)` in the history of `\(id)`: `conversation/history` shows those there are.",
            [("conversationId", .shown(id)), ("messageId", .shown(messageId))])
    }

    fileprivate static func nothingToRetry(_ id: Text) -> RPCError {
        RPCError(
            .messageNotFound, "There is no message of a user in `\(id)` to answer again: send one first.",
            [("conversationId", .shown(id))])
    }

    fileprivate static func otherRole(_ replaced: Message, _ role: Role) -> RPCError {
        RPCError(
            .invalidParams,
            "`replaces` names a message with the role `\(replaced.role.rawValue)`, and this one has "
                + "`\(role.rawValue)`: a message takes the place of one with its own role.",
            [("path", .string("replaces")), ("expected", .string("a message with the role \(role.rawValue)"))])
    }
}
