import Conversations
import JSONRPC
import Jansson
import Journal

/// Turns whose process died.
extension Host {
    /// A turn that is open in the file though nobody holds its lock was interrupted: that is recorded by whoever comes
    /// across it first. Reads go on where it can't be recorded now.
    func recordInterruption(_ conversation: OpenConversation, _ log: ConversationLog) {
        guard let open = log.openTurn, conversation.running?.id != open.turnId, !conversation.releasesTurnLock,
            log.isWritable
        else { return }
        do throws(StoreError) {
            let turnLock = try turnLock(of: conversation)
            let heldBefore = turnLock.isHeld
            guard turnLock.take() else { return }
            defer { if !heldBefore { turnLock.release() } }
            if case .ready = try lock(conversation, log) { closeOpenTurn(conversation, log) }
        } catch {
            let reason = RPCError(error, conversation.id).message
            self.log.warning("the interrupted turn of \(conversation.id) could not be recorded: \(reason)")
        }
    }

    func turnLock(of conversation: OpenConversation) throws(StoreError) -> TurnLock {
        if let known = conversation.turnLock { return known }
        let lock = try TurnLock(conversation.id, in: store)
        conversation.turnLock = lock
        return lock
    }

    /// Records an open turn as interrupted. The caller holds the turn lock and the file's.
    func closeOpenTurn(_ conversation: OpenConversation, _ log: ConversationLog) {
        guard let open = log.openTurn else { return }
        let end = TurnEnd(turnId: open.turnId, messageId: open.messageId, outcome: .interrupted)
        let now = options.clock.now()
        log.append(.turnEnded(end), at: now)
        tellInsight(conversation, log, at: now)
    }
}
