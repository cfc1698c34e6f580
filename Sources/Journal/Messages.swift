import Conversations
import Jansson

/// A message where it stands in its file.
package struct StoredMessage: Sendable {
    package let line: Int
    package let seq: Int
    package let message: Message
    package let isInHistory: Bool
}

/// How far an agent's work on a message has come: that of the last turn on it.
package enum TurnProgress: Sendable {
    /// No agent was asked.
    case none
    case running
    case completed(replyLine: Int, turnId: Text)
    /// It failed, was cancelled or interrupted.
    case ended
}

/// Finding messages.
extension ConversationLog {
    /// The message of that id; one in the history rather than one that was superseded.
    package func message(withID id: Text) throws(StoreError) -> StoredMessage? {
        var found: StoredMessage?
        for line in contents.index.lines(about: id, in: 0..<lineCount) where entry(line).kind.isMessage {
            guard let stored = try message(at: line), stored.message.id == id else { continue }
            if stored.isInHistory { return stored }
            found = found ?? stored
        }
        return found
    }

    /// The message that was sent with that idempotency key.
    package func message(withKey key: Text) throws(StoreError) -> StoredMessage? {
        for line in contents.index.lines(withKey: key) {
            if let stored = try message(at: line), stored.message.idempotencyKey == key { return stored }
        }
        return nil
    }

    /// The newest message of a user in the history.
    package func lastUserMessage() throws(StoreError) -> StoredMessage? {
        for line in (0..<lineCount).reversed() where entry(line).kind == .user && entry(line).isInHistory {
            if let stored = try message(at: line) { return stored }
        }
        return nil
    }

    /// What became of the last turn on a message.
    package func progress(of stored: StoredMessage) throws(StoreError) -> TurnProgress {
        var begin = (turnId: stored.message.turnId, line: stored.line)
        let about = contents.index.lines(about: stored.message.id, in: stored.line + 1..<lineCount)
        for line in about where entry(line).kind == .turnStarted {
            guard case .turnStarted(let start)? = try event(line)?.event, start.messageId == stored.message.id else {
                continue
            }
            begin = (start.turnId, line)
            break
        }
        guard let turnId = begin.turnId else { return .none }
        if openTurn?.turnId == turnId { return .running }
        for line in begin.line + 1..<lineCount {
            switch entry(line).kind {
            case .assistant:
                if try message(at: line)?.message.turnId == turnId {
                    return .completed(replyLine: line, turnId: turnId)
                }
            case .turnEnded where about.contains(line):
                if case .turnEnded(let end)? = try event(line)?.event, end.turnId == turnId { return .ended }
            default: break
            }
        }
        return .ended
    }

    /// Where the history shows the first answer to a message behind it: a reply of one of its turns or of none, as
    /// copies are, or the end of one of its turns without a reply.
    package func answer(to stored: StoredMessage) throws(StoreError) -> Int? {
        for line in stored.line + 1..<lineCount where !entry(line).isSuperseded {
            switch entry(line).kind {
            case .turnEnded:
                if case .turnEnded(let end)? = try event(line)?.event, end.messageId == stored.message.id {
                    return line
                }
            case .assistant:
                guard let reply = try message(at: line)?.message else { continue }
                guard let turnId = reply.turnId else { return line }
                if turnId == stored.message.turnId { return line }
                if try isTurn(turnId, on: stored, before: line) { return line }
            default: break
            }
        }
        return nil
    }

    /// Whether a turn that began on the message before that line has this id.
    private func isTurn(_ turnId: Text, on stored: StoredMessage, before line: Int) throws(StoreError) -> Bool {
        for start in contents.index.lines(about: stored.message.id, in: stored.line + 1..<line)
        where entry(start).kind == .turnStarted {
            if case .turnStarted(let begun)? = try event(start)?.event, begun.messageId == stored.message.id {
                return begun.turnId == turnId
            }
        }
        return false
    }

    func message(at line: Int) throws(StoreError) -> StoredMessage? {
        guard case .message(let message)? = try event(line)?.event else { return nil }
        return StoredMessage(
            line: line, seq: contents.index.seq(line), message: message, isInHistory: entry(line).isInHistory)
    }
}
