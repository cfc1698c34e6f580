import Conversations
import Insight
import JSONRPC
import Jansson
import Journal

/// Knowing a conversation's messages, and telling what is found out about them in events.
extension Host {
    /// What is known of all messages so far.
    func tally(of conversation: OpenConversation, _ log: ConversationLog) throws(RPCError) -> Tally {
        do throws(StoreError) {
            try count(conversation, log)
        } catch {
            throw RPCError(error, conversation.id)
        }
        return conversation.tally?.tally ?? Tally(analyser)
    }

    /// Takes the messages in that were not looked at yet.
    private func count(_ conversation: OpenConversation, _ log: ConversationLog) throws(StoreError) {
        do throws(StoreError) {
            try goOn(conversation, log)
            try conversation.tally?.advance(log)
        } catch {
            // It may have come half-way.
            conversation.tally = nil
            throw error
        }
    }

    /// Has a tally to go on with: the one there is, or one that begins at a checkpoint.
    private func goOn(_ conversation: OpenConversation, _ log: ConversationLog) throws(StoreError) {
        if !(conversation.tally?.isOf(log) ?? false) { conversation.tally = try KeptTally(analyser, log) }
    }

    /// Whether the messages can be counted at once, since little is to be read for it.
    private func isNear(_ conversation: OpenConversation, _ log: ConversationLog) throws(StoreError) -> Bool {
        try goOn(conversation, log)
        return conversation.tally?.bytesBehind(log) ?? 0 <= Limits.quickCountBytes
    }

    /// A message was appended.
    func note(_ message: Message, at line: Int, _ conversation: OpenConversation, _ log: ConversationLog) {
        conversation.tally?.add(message, at: line, log)
        conversation.recent.add(message, at: line)
    }

    // MARK: Telling

    /// Tells what is known now: at once, or when as much as must be read for it was read aside. No answer depends on
    /// it: where it can't be read, the next event tells it.
    func tellInsight(_ conversation: OpenConversation, _ log: ConversationLog, at now: Timestamp) {
        do throws(StoreError) {
            if try isNear(conversation, log) {
                try count(conversation, log)
                append(conversation, log, at: now)
            } else if !conversation.isInsightDue {
                conversation.isInsightDue = true
                afterwards.append { self.tellInsightAside(conversation.id) }
            }
        } catch {
            noteUntold(conversation.id, RPCError(error, conversation.id))
        }
    }

    /// As above where it is time for another checkpoint though there was no turn.
    func tellInsightIfDue(_ conversation: OpenConversation, _ log: ConversationLog, at now: Timestamp) {
        if log.messagesSinceInsight >= Limits.messagesWithoutInsight { tellInsight(conversation, log, at: now) }
    }

    private func tellInsightAside(_ id: Text) {
        withConversation(id, for: .writing, counting: true) { error in
            self.conversations[id]?.isInsightDue = false
            self.noteUntold(id, error)
        } _: { conversation, log throws(RPCError) in
            conversation.isInsightDue = false
            do throws(StoreError) { try self.count(conversation, log) } catch {
                throw RPCError(error, id)
            }
            self.append(conversation, log, at: self.options.clock.now())
        }
    }

    private func append(_ conversation: OpenConversation, _ log: ConversationLog, at now: Timestamp) {
        guard let context = log.contents.conversation?.context, let needs = log.contents.conversation?.toldNeeds,
            let insight = conversation.tally?.tally.event(throughSeq: log.seq, needs: needs, over: context)
        else { return }
        log.append(.insight(insight), at: now)
        conversation.tally?.told()
    }

    private func noteUntold(_ id: Text, _ error: RPCError) {
        log.warning("what is found out about \(id) could not be told: \(error.message)")
    }

    // MARK: Counting aside

    /// Whether the messages can be counted at once; else that is done aside, and the conversation waits for it.
    func isCounted(_ conversation: OpenConversation, _ log: ConversationLog) throws(StoreError) -> Bool {
        guard try !isNear(conversation, log), let kept = conversation.tally else { return true }
        countsMade += 1
        let number = countsMade
        conversation.runningCount = number
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
            guard let conversation = host.conversations[id], conversation.runningCount == number else { return }
            conversation.runningCount = nil
            switch outcome {
            case .success(let kept): conversation.tally = kept
            case .failure(let error): host.drop(conversation, RPCError(error, id))
            }
            host.resume(conversation)
        }
        return false
    }
}
