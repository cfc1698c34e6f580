import Conversations
import Glibc
import JSONRPC
import Jansson
import Journal

extension Host {
    /// Carries `body` out on the conversation: opened, caught up with other processes' writes and, for writing,
    /// locked until the end of the step.
    ///
    /// Where that can't be had at once, the call waits, and later ones on the same conversation wait behind it. What
    /// `body` throws, and why it can't be carried out, is the call's answer.
    ///
    /// - Parameters:
    ///   - counting: whether `body` asks for the conversation's tally: what must be read for that is read before.
    ///   - failed: told first what went wrong; it returns whether it has dealt with that.
    func withConversation(
        _ id: Text, for access: Access, counting: Bool = false, _ call: Call, failed: ((RPCError) -> Bool)? = nil,
        _ body: @escaping ConversationBody
    ) {
        enter(id, ParkedCall(call: call, work: .use(access, body), counts: counting, failed: failed))
    }

    /// As above for what no call waits for; `failed` is told why it could not be carried out.
    func withConversation(
        _ id: Text, for access: Access, counting: Bool = false, failed: @escaping (RPCError) -> Void,
        _ body: @escaping ConversationBody
    ) {
        let failed = { (error: RPCError) in
            failed(error)
            return true
        }
        enter(id, ParkedCall(call: nil, work: .use(access, body), counts: counting, failed: failed))
    }

    /// Carries `body` out when whatever came before it about that id is done: for calls that want to have the id.
    func claim(_ id: Text, _ call: Call, _ body: @escaping () throws(RPCError) -> Void) {
        let claim = {
            do throws(RPCError) { try body() } catch { self.answer(call, error) }
        }
        enter(id, ParkedCall(call: call, work: .claim(claim)))
    }

    /// Carries the call out now or when its conversation is ready for it.
    func enter(_ id: Text, _ parked: ParkedCall) {
        guard let conversation = conversations[id] else {
            switch parked.work {
            case .claim(let claim): claim()
            case .use: open(id, for: parked)
            }
            return
        }
        conversation.lastUsedInStep = step
        let isBehind = !conversation.parked.isEmpty && !conversation.isResuming
        if conversation.log == nil || conversation.waits || isBehind {
            park(parked, in: conversation)
            return
        }
        switch attempt(parked, conversation) {
        case .done: break
        case .contended:
            park(parked, in: conversation)
            retryLater(conversation)
        case .counting: park(parked, in: conversation)
        }
    }

    /// Tells why it can't be carried out. Who claims an id does it with what is there now.
    private func fail(_ parked: ParkedCall, _ error: RPCError, _ conversation: OpenConversation? = nil) {
        if case .claim(let claim) = parked.work {
            claim()
        } else if parked.failed.map({ !$0(error) }) ?? true, let call = parked.call {
            answer(call, about: conversation, error)
        }
    }

    // MARK: Opening

    private func open(_ id: Text, for parked: ParkedCall) {
        guard Identifier.isConversationID(id) else {
            fail(parked, .conversationNotFound(id))
            return
        }
        do throws(RPCError) {
            try makeRoom()
        } catch {
            fail(parked, error)
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
            enter(id, parked)
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
                for parked in conversation.parked {
                    // One of them may have made the conversation that the others are about.
                    if host.conversations[id] == nil {
                        host.fail(parked, RPCError(error, id))
                    } else {
                        host.enter(id, parked)
                    }
                }
            }
        }
    }

    /// Sees to it that one more conversation can be open: what is idle is closed for it.
    ///
    /// - Throws: `overloaded` where all that are open are in use. A few descriptors stay free for everything else.
    func makeRoom() throws(RPCError) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // A conversation takes up to two: its file and its turn's lock.
        let bound = (Int(clamping: limit.rlim_cur) - Limits.sparedDescriptors) / 2
        if conversations.count < bound { return }
        commit()
        closeIdleConversations(downTo: bound / 2, bytes: .max)
        if conversations.count < bound { return }
        throw RPCError(
            .overloaded, "\(conversations.count) conversations are in use, as many as this process may have files for.",
            [("limit", .string("openFiles"))])
    }

    // MARK: Entering

    private enum Attempt {
        /// Carried out, or failed.
        case done
        /// Another process holds the file: it must be tried again.
        case contended
        /// The messages are being counted: that will resume it.
        case counting
    }

    private func attempt(_ parked: ParkedCall, _ conversation: OpenConversation) -> Attempt {
        if case .claim(let claim) = parked.work {
            if let call = parked.call { noLongerWaits(call) }
            claim()
            return .done
        }
        guard case .use(let access, let body) = parked.work else { return .done }
        guard let log = conversation.log else { return .contended }
        let standing: ConversationLog.Standing
        do throws(StoreError) {
            standing = try ready(conversation, log, for: access)
            if case .ready = standing, parked.counts, !(try isCounted(conversation, log)) { return .counting }
        } catch {
            fail(parked, RPCError(error, conversation.id), conversation)
            return .done
        }
        switch standing {
        case .ready:
            conversation.contendedSince = nil
            // It begins: from here on its own work says how it is cancelled.
            if let call = parked.call { noLongerWaits(call) }
            do throws(RPCError) {
                try body(conversation, log)
            } catch {
                fail(parked, error, conversation)
            }
        case .contended:
            // Whoever waits must not hold what others wait for.
            commit()
            return .contended
        case .replaced:
            // Whoever waits goes on with the file that is there now.
            conversation.parked.prepend(parked)
            drop(conversation, RPCError(.storeFailed, "The file of `\(conversation.id)` was replaced."))
        case .gone:
            fail(parked, .conversationNotFound(conversation.id))
            drop(conversation, .conversationNotFound(conversation.id))
        }
        return .done
    }

    private func ready(
        _ conversation: OpenConversation, _ log: ConversationLog, for access: Access
    ) throws(StoreError) -> ConversationLog.Standing {
        switch access {
        case .reading:
            if conversation.lookedAtInStep != step {
                let standing = try log.catchUp()
                guard case .ready = standing else { return standing }
                conversation.lookedAtInStep = step
            }
        case .writing, .moving:
            let standing = try lock(conversation, log, evenIfDamaged: access == .moving)
            guard case .ready = standing else { return standing }
        }
        recordInterruption(conversation, log)
        return .ready
    }

    /// Locks the file until the end of the step.
    func lock(
        _ conversation: OpenConversation, _ log: ConversationLog, evenIfDamaged: Bool = false
    ) throws(StoreError) -> ConversationLog.Standing {
        if conversation.isTouched, log.isWritable { return .ready }
        let logger = self.log
        let standing = try log.lock(evenIfDamaged: evenIfDamaged) { sentence in logger.warning("\(sentence)") }
        if case .ready = standing, !conversation.isTouched {
            conversation.isTouched = true
            conversation.lookedAtInStep = step
            touched.append(conversation)
        }
        return standing
    }

    // MARK: Waiting

    private func park(_ parked: ParkedCall, in conversation: OpenConversation) {
        // What the first of them enters for goes before those behind it.
        if conversation.isResuming { conversation.parked.prepend(parked) } else { conversation.parked.append(parked) }
        guard let call = parked.call else { return }
        waits(call) {
            conversation.parked.removeAll { $0.call?.number == call.number }
            let error = RPCError.cancelled("The request was cancelled before it began.")
            if case .use = parked.work { self.fail(parked, error) } else { self.answer(call, error) }
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
                [("conversationId", .shown(conversation.id))])
            for call in parked { fail(call, error) }
            return
        }
        // From 1 ms, where a neighbour is in the middle of a write, to 20 ms, where it is stuck.
        let pause = min(20_000_000, max(1_000_000, waited / 4))
        let id = conversation.id
        loop.after(nanoseconds: pause) { host in
            if let conversation = host.conversations[id] { host.resume(conversation) }
        }
    }

    /// Carries out what waits, in order, as far as it goes now.
    func resume(_ conversation: OpenConversation) {
        while !conversation.waits, !backlog.isOutputFull, let parked = conversation.parked.popFirst() {
            conversation.isResuming = true
            let attempt = attempt(parked, conversation)
            conversation.isResuming = false
            if attempt != .done {
                conversation.parked.prepend(parked)
                if attempt == .contended { retryLater(conversation) }
                return
            }
            runAfterwards()
        }
    }

    // MARK: Closing

    /// Forgets a conversation whose file is no longer what is known of it; its turns and the answers that wait to be
    /// stored fail.
    func drop(_ conversation: OpenConversation, _ error: RPCError) {
        conversations[conversation.id] = nil
        touched.removeAll { $0 === conversation }
        let held = [conversation.held] + conversation.syncing + conversation.unsynced
        conversation.held = HeldAnswers()
        conversation.syncing = []
        conversation.unsynced = []
        conversation.isTouched = false
        if conversation.analyses > 0 { noteAnalysisEnd() }
        for answers in held { refuse(answers, error, about: conversation.id) }
        abandonTurns(of: conversation, error)
        published(conversation.id)
        // They try afresh with what is there then.
        let parked = conversation.parked
        conversation.parked = []
        for call in parked { enter(conversation.id, call) }
    }

    /// Closes the conversations that were not used for longest, where more are open than there should be.
    func evictIdleConversations() {
        if conversations.count > Limits.openConversations || step % 256 == 0 {
            closeIdleConversations(downTo: Limits.openConversations, bytes: Limits.openBytes)
        }
    }

    private func closeIdleConversations(downTo bound: Int, bytes byteBound: Int) {
        var bytes = conversations.values.reduce(0) { $0 + ($1.log?.contents.footprint ?? 0) }
        var count = conversations.count
        guard count > bound || bytes > byteBound else { return }
        let idle = conversations.values.filter(\.isIdle).sorted { $0.lastUsedInStep < $1.lastUsedInStep }
        for conversation in idle {
            // An eighth more than needed, so that this is not done for each conversation that is opened.
            if count <= bound / 8 * 7, bytes <= byteBound / 8 * 7 { return }
            conversations[conversation.id] = nil
            count -= 1
            bytes -= conversation.log?.contents.footprint ?? 0
        }
    }
}
