import Conversations
import JSONRPC
import Jansson
import Journal

extension Host {
    /// Carries `body` out on the conversation: opened, caught up with other processes' writes and, for writing,
    /// locked until the end of the step.
    ///
    /// Where that can't be had at once, the call waits, and later ones on the same conversation wait behind it. What
    /// `body` throws, and why it can't be carried out, is the call's answer; without a call it is logged.
    func withConversation(
        _ id: Text, for access: Access, _ call: Call?, _ body: @escaping ConversationBody
    ) {
        let parked = ParkedCall(call: call, access: access, body: body)
        if let conversation = conversations[id] {
            enter(conversation, parked)
            return
        }
        guard Identifier.isConversationID(id) else {
            fail(parked, .conversationNotFound(id))
            return
        }
        if store.size(of: id) > Limits.quickOpenBytes {
            openAside(id, for: parked)
            return
        }
        do throws(StoreError) {
            let log = ConversationLog(id, try ConversationLog.open(id, in: store), in: store)
            let conversation = OpenConversation(id, log: log)
            conversation.lookedAtInStep = step
            conversations[id] = conversation
            enter(conversation, parked)
        } catch {
            fail(parked, RPCError(error, id))
        }
    }

    private func openAside(_ id: Text, for parked: ParkedCall) {
        let conversation = OpenConversation(id)
        conversations[id] = conversation
        park(parked, in: conversation)
        let store = store
        runAside {
            Result { () throws(StoreError) in try ConversationLog.open(id, in: store) }
        } then: { host, outcome in
            guard let conversation = host.conversations[id], conversation.log == nil else { return }
            switch outcome {
            case .success(let opened):
                conversation.log = ConversationLog(id, opened, in: host.store)
                host.resume(conversation)
            case .failure(let error):
                host.conversations[id] = nil
                for parked in conversation.parked { host.fail(parked, RPCError(error, id)) }
            }
        }
    }

    private func enter(_ conversation: OpenConversation, _ parked: ParkedCall) {
        conversation.lastUsedInStep = step
        guard let log = conversation.log, conversation.parked.isEmpty else {
            park(parked, in: conversation)
            return
        }
        switch ready(conversation, log, for: parked.access) {
        case .success(.ready):
            conversation.contendedSince = nil
            do throws(RPCError) {
                try parked.body(conversation, log)
            } catch {
                fail(parked, error, about: conversation)
            }
        case .success(.contended):
            // Whoever waits must not hold what others wait for.
            commit()
            park(parked, in: conversation)
            retryLater(conversation)
        case .success(.replaced):
            drop(conversation, RPCError(.storeFailed, "The file of `\(conversation.id)` was replaced."))
            withConversation(conversation.id, for: parked.access, parked.call, parked.body)
        case .success(.gone):
            drop(conversation, .conversationNotFound(conversation.id))
            fail(parked, .conversationNotFound(conversation.id))
        case .failure(let error): fail(parked, RPCError(error, conversation.id), about: conversation)
        }
    }

    private func ready(
        _ conversation: OpenConversation, _ log: ConversationLog, for access: Access
    ) -> Result<ConversationLog.Standing, StoreError> {
        Result { () throws(StoreError) in
            switch access {
            case .reading:
                if conversation.lookedAtInStep != step {
                    let standing = try log.catchUp()
                    guard case .ready = standing else { return standing }
                    conversation.lookedAtInStep = step
                }
            case .writing:
                let standing = try lock(conversation, log)
                guard case .ready = standing else { return standing }
            }
            recordInterruption(conversation, log)
            return .ready
        }
    }

    /// Locks the file until the end of the step.
    func lock(_ conversation: OpenConversation, _ log: ConversationLog) throws(StoreError) -> ConversationLog.Standing {
        if conversation.isTouched { return .ready }
        let logger = self.log
        let standing = try log.lock { sentence in logger.warning("\(sentence)") }
        if case .ready = standing {
            conversation.isTouched = true
            conversation.lookedAtInStep = step
            touched.append(conversation)
        }
        return standing
    }

    // MARK: Waiting

    private func park(_ parked: ParkedCall, in conversation: OpenConversation) {
        conversation.parked.append(parked)
        guard let call = parked.call else { return }
        waits(call) {
            conversation.parked.removeAll { $0.call?.number == call.number }
            self.answer(call, .cancelled("The request was cancelled before it began."))
        }
    }

    private func retryLater(_ conversation: OpenConversation) {
        let now = options.clock.monotonic()
        let since = conversation.contendedSince ?? now
        conversation.contendedSince = since
        let waited = now - since
        if waited > Int64(Limits.lockSeconds) * 1_000_000_000 {
            conversation.contendedSince = nil
            let parked = conversation.parked
            conversation.parked = []
            let error = RPCError(
                .storeFailed,
                "Another process has held the file of `\(conversation.id)` for \(Limits.lockSeconds) s; try again.",
                [("conversationId", .string(conversation.id))])
            for call in parked { fail(call, error) }
            return
        }
        // From 1 ms, where a neighbour is in the middle of a write, to 20 ms, where it is stuck.
        let pause = min(20_000_000, max(1_000_000, waited / 4))
        let id = conversation.id
        loop.after(nanoseconds: pause) { host in host.resume(id) }
    }

    private func resume(_ id: Text) {
        if let conversation = conversations[id] { resume(conversation) }
    }

    /// Carries out what waits, in order, as far as it goes now.
    private func resume(_ conversation: OpenConversation) {
        let waiting = conversation.parked
        conversation.parked = []
        for (index, parked) in waiting.enumerated() {
            if let call = parked.call { noLongerWaits(call) }
            if conversations[conversation.id] === conversation {
                enter(conversation, parked)
            } else {
                withConversation(conversation.id, for: parked.access, parked.call, parked.body)
            }
            if !conversation.parked.isEmpty {
                // It must wait again, at the head of those behind it.
                for later in waiting[(index + 1)...] { park(later, in: conversation) }
                return
            }
            runAfterwards()
        }
    }

    private func fail(_ parked: ParkedCall, _ error: RPCError, about conversation: OpenConversation? = nil) {
        if let call = parked.call {
            answer(call, about: conversation, error)
        } else {
            log.error("a turn could not go on: \(error.message)")
        }
    }

    // MARK: Closing

    /// Forgets a conversation whose file is no longer what is known of it; its turns and waiting answers fail.
    func drop(_ conversation: OpenConversation, _ error: RPCError) {
        conversations[conversation.id] = nil
        touched.removeAll { $0 === conversation }
        let held = [conversation.held] + conversation.syncing + conversation.unsynced
        conversation.held = HeldAnswers()
        conversation.syncing = []
        conversation.unsynced = []
        conversation.isTouched = false
        for answers in held { refuse(answers, error) }
        abandonTurns(of: conversation, error)
        for parked in conversation.parked { fail(parked, error) }
        conversation.parked = []
        published(conversation.id)
    }

    /// Closes the conversations that were not used for longest, where more are open than there should be.
    func evictIdleConversations() {
        if conversations.count <= Limits.openConversations, step % 256 != 0 { return }
        var bytes = conversations.values.reduce(0) { $0 + ($1.log?.contents.footprint ?? 0) }
        var count = conversations.count
        guard count > Limits.openConversations || bytes > Limits.openBytes else { return }
        let idle = conversations.values.filter(\.isIdle).sorted { $0.lastUsedInStep < $1.lastUsedInStep }
        for conversation in idle {
            // An eighth more than needed, so that this is not done for each conversation that is opened.
            if count <= Limits.openConversations / 8 * 7, bytes <= Limits.openBytes / 8 * 7 { return }
            conversations[conversation.id] = nil
            count -= 1
            bytes -= conversation.log?.contents.footprint ?? 0
        }
    }
}
