import Conversations
import JSONRPC
import Jansson
import Journal

/// Messages that are sent again with the same idempotency key.
extension Host {
    /// Whether the message was sent before, and is dealt with here: the call gets the first one's answer, waits for its
    /// turn, or has the agent asked again where that turn got no reply.
    ///
    /// - Throws: `idempotencyConflict` where the key came with something else.
    func isSentAlready(
        _ request: SendRequest, _ conversation: OpenConversation, _ log: ConversationLog
    ) throws(RPCError) -> Bool {
        guard let key = request.message.idempotencyKey else { return false }
        let turns = [conversation.running].compactMap { $0 } + conversation.queue
        if let turn = turns.first(where: { $0.state != .ended && $0.message.idempotencyKey == key }) {
            try request.expectSame(as: turn.message, opensTurn: true)
            if !request.wishes.waits, turn.state == .running {
                answer(request.call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
                    try writer.sent(turn.line, turnId: turn.id, seq: log.seq(turn.line), in: log)
                }
            } else {
                attach(request.call, to: turn, request.wishes, conversation)
            }
            return true
        }
        let stored = try log.read { (log) throws(StoreError) in try log.message(withKey: key) }
        guard let stored else { return false }
        try request.expectSame(as: stored.message, opensTurn: stored.message.turnId != nil)
        switch try log.read({ (log) throws(StoreError) in try log.progress(of: stored) }) {
        case .none: answer(request, stored, reply: nil, conversation, log)
        case .completed(let line, let turnId): answer(request, stored, reply: (line, turnId), conversation, log)
        case .running where !request.wishes.waits: answer(request, stored, reply: nil, conversation, log)
        case .running: try waitForOtherProcess(request, conversation)
        case .ended: try resend(request, stored, conversation, log)
        }
        return true
    }

    private func answer(
        _ request: SendRequest, _ stored: StoredMessage, reply: (line: Int, turnId: Text)?,
        _ conversation: OpenConversation, _ log: ConversationLog
    ) {
        let seq = log.seq(log.end(ofWhatCameOf: reply?.line ?? stored.line) - 1)
        answer(request.call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
            try writer.sent(
                stored.line, replyLine: reply?.line, turnId: reply?.turnId ?? stored.message.turnId, seq: seq, in: log)
        }
    }

    private func resend(
        _ request: SendRequest, _ stored: StoredMessage, _ conversation: OpenConversation, _ log: ConversationLog
    ) throws(RPCError) {
        if log.isEnded { throw .conversationEnded(conversation.id) }
        let now = options.clock.now()
        let turn = Turn(
            id: identifiers.next(.turn, at: now), agent: try agent(log.agentId), origin: .resent(stored),
            request: request, message: stored.message, whenBusy: request.whenBusy, since: now)
        try submit(turn, request.call, request.wishes, conversation)
    }

    /// Whether another process was quicker with the message of a turn that is about to begin: then whoever waits for
    /// the turn gets what came of that.
    func wasOvertaken(_ turn: Turn, _ conversation: OpenConversation, _ log: ConversationLog) throws(RPCError) -> Bool {
        guard let request = turn.request, let key = request.message.idempotencyKey else { return false }
        let progress = try log.read { (log) throws(StoreError) in
            try log.message(withKey: key).map { (stored) throws(StoreError) in try log.progress(of: stored) }
        }
        guard let progress else { return false }
        if case .resent = turn.origin, case .ended = progress { return false }
        let calls = turn.calls.map { ($0, true) } + turn.hastyCalls.map { ($0, false) }
        let watchers = turn.stream?.watchers ?? []
        turn.state = .ended
        leave(turn, conversation)
        afterwards.append {
            for (call, waits) in calls {
                var again = request
                (again.call, again.wishes.waits) = (call, waits)
                again.wishes.streams = watchers.contains { $0.number == call.number }
                self.send(again)
            }
        }
        return true
    }

    /// Another process runs the message's turn: looks again until that has ended.
    private func waitForOtherProcess(_ request: SendRequest, _ conversation: OpenConversation) throws(RPCError) {
        if request.whenBusy == .reject { throw .turnInProgress(conversation.id, conversation.turnLock?.owner) }
        let call = request.call
        waits(call) { self.answer(call, .cancelled("The request was cancelled.")) }
        loop.after(nanoseconds: 50_000_000) { host in
            if host.isWaiting(call) { host.send(request) }
        }
    }
}

extension SendRequest {
    fileprivate func expectSame(as first: Message, opensTurn: Bool) throws(RPCError) {
        let isSame =
            first.role == message.role && first.content == message.content && first.metadata == message.metadata
        if isSame, opensTurn == runsAgent { return }
        throw RPCError(
            .idempotencyConflict,
            "The key `\(message.idempotencyKey ?? "")` was used for the message `\(first.id)`, which is another: "
                + "take a new key for a new message.",
            [("conversationId", .shown(conversationId)), ("messageId", .string(first.id))])
    }
}
