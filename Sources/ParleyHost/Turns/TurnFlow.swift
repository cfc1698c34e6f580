import Agents
import Conversations
import JSONRPC
import Jansson
import Journal

/// The way of a turn: submitted, queued, begun (message stored, agent asked), finished (reply or end stored).
extension Host {
    /// Has a call wait for a turn: for its end, or only until its message is stored; and watch it, where it wants that.
    func attach(_ call: Call, to turn: Turn, _ wishes: TurnWishes, _ conversation: OpenConversation) {
        if wishes.streams { watch(turn, call, conversation) }
        if !wishes.waits { turn.hastyCalls.append(call) } else { turn.calls.append(call) }
        waits(call) { self.cancelTurn(turn, conversation) }
    }

    /// Takes a turn in: it begins, waits, or is refused. The conversation is locked.
    func submit(
        _ turn: Turn, _ call: Call, _ wishes: TurnWishes, _ conversation: OpenConversation
    ) throws(RPCError) {
        guard let running = conversation.running else {
            noteBegin(of: turn)
            attach(call, to: turn, wishes, conversation)
            prepare(turn, conversation)
            tellQueued(turn, conversation)
            return
        }
        switch turn.whenBusy {
        case .reject: throw .turnInProgress(conversation, running)
        case .queue:
            if conversation.queue.count >= Limits.queuedTurns {
                throw RPCError(
                    .overloaded, "\(Limits.queuedTurns) turns wait in `\(conversation.id)` already; try again later.",
                    [("limit", .string("queuedTurns")), ("conversationId", .shown(conversation.id))])
            }
            conversation.queue.append(turn)
        case .interrupt: conversation.queue.prepend(turn)
        }
        noteBegin(of: turn)
        attach(call, to: turn, wishes, conversation)
        tellQueued(turn, conversation)
        if turn.whenBusy == .interrupt {
            end(running, conversation, .cancelled("A later message interrupted the turn."))
        }
    }

    /// Makes `turn` the conversation's turn and gets what it needs: a place at its agent, then the turn lock.
    private func prepare(_ turn: Turn, _ conversation: OpenConversation) {
        conversation.running = turn
        if turn.agent.takeSlot(for: { self.proceed(turn, conversation) }) { proceed(turn, conversation) }
    }

    /// The turn has its place at the agent.
    private func proceed(_ turn: Turn, _ conversation: OpenConversation) {
        turn.holdsSlot = true
        if turn.state == .ended {
            releaseSlot(turn)
            return
        }
        do throws(StoreError) {
            let lock = try turnLock(of: conversation)
            if lock.take() {
                conversation.releasesTurnLock = false
                store(turn, conversation)
            } else if turn.whenBusy == .reject || turn.isRetried {
                end(turn, conversation, .failed(.turnInProgress(conversation.id, lock.owner)))
            } else {
                waitForTurnLock(turn, conversation)
            }
        } catch {
            end(turn, conversation, .failed(RPCError(error, conversation.id)))
        }
    }

    /// Another process runs a turn: asks again until it has ended, from every 10 ms to every quarter of a second.
    private func waitForTurnLock(_ turn: Turn, _ conversation: OpenConversation) {
        turn.retries += 1
        let pause = Int64(min(250, 10 * turn.retries)) * 1_000_000
        let id = conversation.id
        let turnId = turn.id
        loop.after(nanoseconds: pause) { host in
            guard let conversation = host.conversations[id], let turn = conversation.running, turn.id == turnId,
                turn.state == .queued
            else { return }
            host.proceed(turn, conversation)
        }
    }

    private func store(_ turn: Turn, _ conversation: OpenConversation) {
        withConversation(conversation.id, for: .writing) {
            self.end(turn, conversation, .failed($0))
        } _: { current, log throws(RPCError) in
            if turn.state == .ended { return }
            try self.begin(turn, current, log)
        }
    }

    /// Stores the message and asks the agent.
    private func begin(_ turn: Turn, _ conversation: OpenConversation, _ log: ConversationLog) throws(RPCError) {
        if log.isEnded { throw .conversationEnded(conversation.id) }
        closeOpenTurn(conversation, log)
        if try wasOvertaken(turn, conversation, log) { return }
        try store(turn, conversation, log, at: options.clock.now())
        turn.state = .running
        tellBegun(turn, conversation)
        let hasty = turn.hastyCalls
        turn.hastyCalls = []
        for call in hasty {
            answer(call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
                try writer.sent(turn.line, turnId: turn.id, seq: log.seq, in: log)
            }
        }
        if needs(of: turn.agent, log).isEmpty {
            try ask(turn, conversation, log)
            return
        }
        // What an agent is told of a long conversation may have to be counted first.
        withConversation(conversation.id, for: .writing, counting: true) {
            self.end(turn, conversation, .failed($0))
        } _: { current, log throws(RPCError) in
            if turn.state == .running { try self.ask(turn, current, log) }
        }
    }

    private func ask(_ turn: Turn, _ conversation: OpenConversation, _ log: ConversationLog) throws(RPCError) {
        turn.executionId = identifiers.next(.execution, at: options.clock.now())
        turn.startedAt = options.clock.monotonic()
        let given = try given(conversation, log, to: turn.agent, needs: needs(of: turn.agent, log))
        guard let (typed, hook) = log.ofOwnType(options.hooks) else {
            execute(turn, given, conversation)
            return
        }
        let (id, turnId) = (conversation.id, turn.id)
        turn.cancelExecution = complete(given, of: typed, by: hook, prompt: turn.message.content) { host, given in
            guard let conversation = host.conversations[id], let turn = conversation.running, turn.id == turnId,
                turn.state == .running
            else { return }
            host.execute(turn, given, conversation)
        }
    }

    private func execute(_ turn: Turn, _ given: Given, _ conversation: OpenConversation) {
        let request = AgentRequest(
            executionId: turn.executionId, prompt: turn.message.content, context: given.context,
            messages: given.messages, instructions: given.instructions, conversation: given.conversation,
            turnId: turn.id)
        let (id, turnId) = (conversation.id, turn.id)
        let execution = turn.agent.agent.execute(request) { [loop] report in
            loop.deliver { host in host.reported(report, by: turnId, in: id) }
        }
        switch execution {
        case .finished(let outcome):
            options.clock.tick()
            end(turn, conversation, TurnOutcome(outcome, turn.agent.id))
        case .running(let cancel):
            turn.cancelExecution = cancel
            conversation.turnLock?.name(
                TurnLock.Owner(pid: Int(options.pid), turnId: turn.id, since: options.clock.now()))
            turn.timers.start(turn.agent.timeouts, .turn(conversationId: id, turnId: turnId), loop)
        }
    }

    private func reported(_ report: AgentReport, by turnId: Text, in id: Text) {
        guard let conversation = conversations[id], let turn = conversation.running, turn.id == turnId,
            turn.state == .running
        else { return }
        switch report {
        case .ended(let outcome):
            options.clock.tick()
            end(turn, conversation, TurnOutcome(outcome, turn.agent.id))
        case .piece(let piece):
            let stream = stream(of: turn, id)
            turn.timers.heard(turn.agent.timeouts, stream.subject, loop)
            if take(piece, into: stream) { return }
            turn.cancelExecution?()
            end(turn, conversation, .failed(.saidTooMuch(turn.agent.id)))
        }
    }

    // MARK: The end

    /// Ends a turn, whatever state it is in. The first end is the only one.
    func end(_ turn: Turn, _ conversation: OpenConversation, _ outcome: TurnOutcome) {
        switch turn.state {
        case .ended: return
        case .queued:
            turn.state = .ended
            tellEnd(turn, conversation, outcome)
            for call in turn.calls + turn.hastyCalls {
                answer(call, about: conversation, outcome.answer(for: turn, stored: nil))
            }
            leave(turn, conversation)
        case .running:
            turn.state = .ended
            turn.timers.cancel(loop)
            if case .cancelled = outcome { turn.cancelExecution?() }
            withConversation(conversation.id, for: .writing) { error in
                // The turn has ended though its end is not stored: it will be found interrupted.
                self.log.error("the end of a turn of \(conversation.id) could not be stored: \(error.message)")
                self.lose(turn, conversation, error)
                self.leave(turn, conversation)
            } _: { current, log throws(RPCError) in
                if log.openTurn?.turnId == turn.id {
                    self.record(outcome, of: turn, current, log)
                } else {
                    // The file is another one than the turn began in, or that says already how it ended.
                    let error = RPCError(.storeFailed, "The file of `\(current.id)` was replaced during the turn.")
                    self.lose(turn, current, error)
                }
                self.leave(turn, current)
            }
        }
    }

    /// Nothing of the turn's end is stored.
    private func lose(_ turn: Turn, _ conversation: OpenConversation, _ error: RPCError) {
        let error = error.with("turnId", .string(turn.id))
        tellLost(turn, conversation.id, error)
        for call in turn.calls { answer(call, error) }
    }

    private func record(
        _ outcome: TurnOutcome, of turn: Turn, _ conversation: OpenConversation, _ log: ConversationLog
    ) {
        let now = options.clock.now()
        guard case .replied(let reply) = outcome else {
            var end = TurnEnd(turnId: turn.id, messageId: turn.message.id, outcome: .cancelled)
            if let text = turn.stream?.text, !text.isEmpty { end.partial = Text(utf8: text) }
            if case .failed = outcome, let error = outcome.error(for: turn, stored: nil) {
                end.outcome = .failed
                end.error = JSONFragment { $0.error(error) }
            }
            log.append(.turnEnded(end), at: now)
            tellInsight(conversation, log, at: now)
            analyse(conversation)
            tellEnd(turn, conversation, outcome)
            for call in turn.calls {
                answer(call, about: conversation, outcome.answer(for: turn, stored: log.seq))
            }
            return
        }
        let replyLine = log.lineCount
        let elapsed = (options.clock.monotonic() - turn.startedAt) / 1_000_000
        let metadata = JSONFragment {
            $0.reserve(192)
            $0.replyMetadata(reply, executionId: turn.executionId, agentId: turn.agent.id, milliseconds: elapsed)
        }
        let message = Message(
            id: identifiers.next(.message, at: now), role: .assistant, content: reply.response, metadata: metadata,
            turnId: turn.id, usage: reply.usage?.tokens, toolsUsed: reply.toolsUsed)
        log.append(.message(message), at: now)
        note(message, at: replyLine, conversation, log)
        tellInsight(conversation, log, at: now)
        analyse(conversation)
        tellEnd(turn, conversation, outcome, replyLine: replyLine, in: log)
        for call in turn.calls {
            answer(call, about: conversation) { (writer: inout JSONWriter) throws(RPCError) in
                try writer.sent(turn.line, replyLine: replyLine, turnId: turn.id, seq: log.seq, in: log)
            }
        }
    }

    /// The turn is over: its agent, the turn lock and the conversation are free for the next.
    func leave(_ turn: Turn, _ conversation: OpenConversation) {
        turn.calls = []
        turn.hastyCalls = []
        noteEnd(of: turn)
        if conversation.running === turn {
            releaseSlot(turn)
            conversation.running = nil
            if let next = conversation.queue.popFirst() {
                // Not here and now: a thousand turns that end at once would stand on each other's shoulders.
                conversation.running = next
                afterwards.append {
                    if next.state == .queued { self.prepare(next, conversation) }
                }
            } else if conversation.isTouched {
                conversation.releasesTurnLock = true
            } else {
                conversation.turnLock?.release()
            }
        } else {
            conversation.queue.removeAll { $0 === turn }
        }
    }

    private func releaseSlot(_ turn: Turn) {
        guard turn.holdsSlot else { return }
        turn.holdsSlot = false
        if let next = turn.agent.releaseSlot() { afterwards.append(next) }
    }

    // MARK: Cancelling

    /// Cancels a turn, running or queued.
    func cancelTurn(_ turn: Turn, _ conversation: OpenConversation) {
        end(turn, conversation, .cancelled("The turn was cancelled."))
    }

    /// Cancels what runs and waits here in a conversation.
    func cancelTurns(of conversation: OpenConversation, _ reason: String) {
        for turn in conversation.queue { end(turn, conversation, .cancelled(reason)) }
        if let running = conversation.running { end(running, conversation, .cancelled(reason)) }
    }

    /// Lets go of turns whose conversation can't be written: nothing of them is recorded.
    func abandonTurns(of conversation: OpenConversation, _ error: RPCError) {
        let turns = [conversation.running].compactMap { $0 } + conversation.queue
        conversation.running = nil
        conversation.queue = []
        conversation.turnLock = nil
        for turn in turns {
            releaseSlot(turn)
            noteEnd(of: turn)
        }
        for turn in turns where turn.state != .ended || !turn.calls.isEmpty {
            turn.cancelExecution?()
            turn.timers.cancel(loop)
            turn.state = .ended
            tellLost(turn, conversation.id, error.with("turnId", .string(turn.id)))
            for call in turn.calls + turn.hastyCalls { answer(call, error.with("turnId", .string(turn.id))) }
            turn.calls = []
            turn.hastyCalls = []
        }
    }
}
