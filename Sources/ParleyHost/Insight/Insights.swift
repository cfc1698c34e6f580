import Conversations
import Insight
import JSONRPC
import Jansson
import Journal

/// Knowing a conversation's messages, and telling what is found out about them in events.
extension Host {
    /// What is known of all messages so far.
    func tally(of conversation: OpenConversation, _ log: ConversationLog) throws(RPCError) -> Tally {
        try count(conversation, log)
        return conversation.tally?.tally ?? Tally(analyser)
    }

    /// Takes the messages in that were not looked at yet.
    private func count(_ conversation: OpenConversation, _ log: ConversationLog) throws(RPCError) {
        do throws(StoreError) {
            try goOn(conversation, log)
            try conversation.tally?.advance(log)
        } catch {
            conversation.tally = nil
            throw RPCError(error, conversation.id)
        }
    }

    /// Has a tally to go on with: the one there is, or one that begins at a checkpoint.
    private func goOn(_ conversation: OpenConversation, _ log: ConversationLog) throws(StoreError) {
        if !(conversation.tally?.isOf(log) ?? false) { conversation.tally = try KeptTally(analyser, log) }
    }

    private func bytesBehind(_ conversation: OpenConversation, _ log: ConversationLog) -> Int {
        conversation.tally?.bytesBehind(log) ?? 0
    }

    /// A message was appended.
    func note(_ message: Message, at line: Int, _ conversation: OpenConversation, _ log: ConversationLog) {
        conversation.tally?.add(message, at: line, log)
    }

    /// Tells what is known now. Where that can't be read the next event tells it: no answer depends on it.
    func appendInsight(_ conversation: OpenConversation, _ log: ConversationLog, at now: Timestamp) {
        do throws(RPCError) {
            try count(conversation, log)
            guard let context = log.contents.conversation?.context,
                let needs = log.contents.conversation?.toldNeeds,
                let insight = conversation.tally?.tally.event(throughSeq: log.seq, needs: needs, over: context)
            else { return }
            log.append(.insight(insight), at: now)
            conversation.tally?.told()
        } catch {
            self.log.warning("what is found out about \(conversation.id) could not be told: \(error.message)")
        }
    }

    /// As above, unless so much would have to be read for it that a turn should have that done aside.
    func appendInsightIfNear(_ conversation: OpenConversation, _ log: ConversationLog, at now: Timestamp) {
        if (try? goOn(conversation, log)) != nil, bytesBehind(conversation, log) <= Limits.quickOpenBytes {
            appendInsight(conversation, log, at: now)
        }
    }

    /// As above where it is time for another checkpoint though there was no turn.
    func appendInsightIfDue(_ conversation: OpenConversation, _ log: ConversationLog, at now: Timestamp) {
        if log.messagesSinceInsight >= Limits.messagesWithoutInsight {
            appendInsightIfNear(conversation, log, at: now)
        }
    }

    // MARK: Counting aside

    /// Whether the messages can be counted at once; else that is done aside, and the conversation waits for it.
    func isCounted(_ conversation: OpenConversation, _ log: ConversationLog) throws(StoreError) -> Bool {
        try goOn(conversation, log)
        guard bytesBehind(conversation, log) > Limits.quickOpenBytes, let kept = conversation.tally else { return true }
        conversation.isBeingCounted = true
        // What is pending goes to the file, from which a worker reads; and whoever waits holds no lock.
        commit()
        let (id, source, store) = (conversation.id, log.snapshot, store)
        runAside {
            Result { () throws(StoreError) in
                var kept = kept
                try kept.advance(ConversationLog(id, source, in: store))
                return kept
            }
        } then: { host, outcome in
            // It may have been dropped meanwhile, and be another one by now.
            guard let conversation = host.conversations[id], conversation.isBeingCounted else { return }
            conversation.isBeingCounted = false
            switch outcome {
            case .success(let kept): conversation.tally = kept
            case .failure(let error): host.drop(conversation, RPCError(error, id))
            }
            host.resume(conversation)
        }
        return false
    }
}
