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
        var turns = [stored.message.turnId].compactMap { $0 }
        for line in stored.line + 1..<lineCount {
            switch entry(line).kind {
            case .turnStarted, .turnEnded:
                switch try event(line)?.event {
                case .turnStarted(let start)? where start.messageId == stored.message.id: turns.append(start.turnId)
                case .turnEnded(let end)? where end.messageId == stored.message.id && !entry(line).isSuperseded:
                    return line
                default: break
                }
            case .assistant where !entry(line).isSuperseded:
                guard let reply = try message(at: line)?.message else { continue }
                if reply.turnId.map({ turns.contains($0) }) ?? true { return line }
            default: break
            }
        }
        return nil
    }

    private func message(at line: Int) throws(StoreError) -> StoredMessage? {
        guard case .message(let message)? = try event(line)?.event else { return nil }
        return StoredMessage(
            line: line, seq: contents.index.seq(line), message: message, isInHistory: entry(line).isInHistory)
    }
}
