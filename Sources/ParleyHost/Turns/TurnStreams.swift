import Agents
import JSONRPC
import Jansson
import Journal

/// Telling those who asked for it how a turn goes: `turn/started`, `turn/delta`, `turn/ended`.
extension Host {
    /// The turn's stream; made when it is first needed.
    func stream(of turn: Turn, _ conversationId: Text) -> ReplyStream {
        if let stream = turn.stream { return stream }
        let stream = ReplyStream(
            .turn(conversationId: conversationId, turnId: turn.id), isOpen: false, telling: telling(turn.agent))
        turn.stream = stream
        return stream
    }

    /// A call watches the turn from now on.
    func watch(_ turn: Turn, _ call: Call, _ conversation: OpenConversation) {
        let stream = stream(of: turn, conversation.id)
        if stream.isOpen {
            tellPieces(of: stream)
            outgoing.turnStarted(turn, conversation.id, to: call)
            outgoing.pieces([stream.whole], of: stream.subject, to: [call])
        } else if turn.state == .running {
            conversation.withHeld(beginningOf: turn) { held in
                held.lines.turnStarted(turn, conversation.id, to: call)
                if stream.watchers.isEmpty { held.begun.append(turn) }
            }
            if stream.watchers.isEmpty { stream.tellsFromTheStart() }
        } else if turn.isToldToWait {
            outgoing.turnStarted(turn, conversation.id, to: call)
        }
        stream.watchers.append(call)
    }

    /// It has to wait: nothing of it is stored, so that is told at once.
    func tellQueued(_ turn: Turn, _ conversation: OpenConversation) {
        guard turn.state == .queued else { return }
        turn.isToldToWait = true
        for watcher in turn.stream?.watchers ?? [] { outgoing.turnStarted(turn, conversation.id, to: watcher) }
    }

    /// Its message is on its way into the file.
    func tellBegun(_ turn: Turn, _ conversation: OpenConversation) {
        guard let watchers = turn.stream?.watchers, !watchers.isEmpty else { return }
        for watcher in watchers { tell(conversation) { $0.turnStarted(turn, conversation.id, to: watcher) } }
        conversation.held.begun.append(turn)
    }

    /// Pieces that nobody was told yet, and the end.
    ///
    /// - Parameter replyLine: where the reply stands in `log`, if there is one.
    func tellEnd(
        _ turn: Turn, _ conversation: OpenConversation, _ outcome: TurnOutcome, replyLine: Int? = nil,
        in log: ConversationLog? = nil
    ) {
        guard let stream = turn.stream, !stream.watchers.isEmpty else { return }
        if case .replied(let reply) = outcome { stream.complete(reply.response) }
        let pieces = stream.takeUntold()
        tell(conversation) { writer in
            writer.pieces(pieces, of: stream.subject, to: stream.watchers)
            for watcher in stream.watchers {
                writer.turnEnded(turn, conversation.id, outcome, replyLine: replyLine, in: log, to: watcher)
            }
        }
        if conversation.isTouched { conversation.held.ended.append(turn) }
    }

    /// The end could not be stored, whatever it was.
    func tellLost(_ turn: Turn, _ conversationId: Text, _ error: RPCError) {
        guard let stream = turn.stream, !stream.watchers.isEmpty else { return }
        // What can't be told any more must not be kept for it.
        let pieces = stream.takeUntold()
        if stream.isOpen { outgoing.pieces(pieces, of: stream.subject, to: stream.watchers) }
        for watcher in stream.watchers {
            outgoing.turnEnded(turn, conversationId, .failed(error), replyLine: nil, in: nil, to: watcher)
        }
        stream.watchers = []
    }

    /// Lines about a conversation go out when its events are stored.
    private func tell(_ conversation: OpenConversation, _ lines: (inout JSONWriter) -> Void) {
        if conversation.isTouched { lines(&conversation.held.lines) } else { lines(&outgoing) }
    }
}

extension OpenConversation {
    /// The answers that wait for the turn's message to be stored, as far as can be told: those that tell of its
    /// beginning, else the last ones that wait.
    fileprivate func withHeld(beginningOf turn: Turn, _ body: (inout HeldAnswers) -> Void) {
        if held.begun.contains(where: { $0 === turn }) {
            body(&held)
        } else if let place = unsynced.firstIndex(where: { $0.begun.contains { $0 === turn } }) {
            body(&unsynced[place])
        } else if let place = syncing.firstIndex(where: { $0.begun.contains { $0 === turn } }) {
            body(&syncing[place])
        } else if !unsynced.isEmpty {
            body(&unsynced[unsynced.count - 1])
        } else if !syncing.isEmpty {
            body(&syncing[syncing.count - 1])
        } else {
            body(&held)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func turnStarted(_ turn: Turn, _ conversationId: Text, to watcher: Call) {
        beginNotification("turn/started", to: watcher)
        member("conversationId", conversationId)
        member("turnId", turn.id)
        if !turn.message.id.isEmpty { member("messageId", turn.message.id) }
        key("state")
        string(turn.state == .queued ? "queued" : "running")
        endNotification()
    }

    fileprivate mutating func turnEnded(
        _ turn: Turn, _ conversationId: Text, _ outcome: TurnOutcome, replyLine: Int?, in log: ConversationLog?,
        to watcher: Call
    ) {
        let start = count
        beginNotification("turn/ended", to: watcher)
        member("conversationId", conversationId)
        member("turnId", turn.id)
        key("outcome")
        string(outcome.word)
        if let replyLine, let log {
            key("message")
            do throws(RPCError) { try event(replyLine, of: log) } catch {
                truncate(to: start)
                turnEnded(turn, conversationId, .failed(error), replyLine: nil, in: nil, to: watcher)
                return
            }
        }
        if let error = outcome.error(for: turn, stored: nil) {
            key("error")
            self.error(error)
        }
        if !outcome.isReply, let text = turn.stream?.text, !text.isEmpty, text.count <= ReplyStream.longestPartial {
            member("partial", Text(utf8: text))
        }
        endNotification()
        if count - start <= Limits.lineBytes { return }
        truncate(to: start)
        let error = RPCError(
            .resultTooLarge, "The reply would be a line over the limit of \(Limits.lineBytes) bytes.",
            [("limit", .string("lineBytes"))])
        turnEnded(turn, conversationId, .failed(error), replyLine: nil, in: nil, to: watcher)
    }
}
