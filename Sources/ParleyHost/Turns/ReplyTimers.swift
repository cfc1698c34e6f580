import Agents

/// The time-outs of one reply, as timers of the loop.
struct ReplyTimers {
    private var firstToken: Int?
    private var idle: Int?
    private var total: Int?
    /// On the monotonic clock: when the agent said something last.
    private var heardAt: Int64 = 0

    init() {}

    /// The agent was asked.
    mutating func start(_ limits: AgentRegistry.Timeouts, _ subject: ReplyStream.Subject, _ loop: HostLoop) {
        firstToken = limits.firstToken.map { seconds in
            Self.arm("firstToken", seconds, Self.nanoseconds(seconds), subject, loop)
        }
        total = limits.total.map { seconds in Self.arm("total", seconds, Self.nanoseconds(seconds), subject, loop) }
    }

    /// It said something.
    mutating func heard(_ limits: AgentRegistry.Timeouts, _ subject: ReplyStream.Subject, _ loop: HostLoop) {
        if let firstToken { loop.cancelTimer(firstToken) }
        firstToken = nil
        guard let seconds = limits.idle else { return }
        heardAt = loop.clock.monotonic()
        if idle == nil { idle = Self.arm("idle", seconds, Self.nanoseconds(seconds), subject, loop) }
    }

    /// Whether a timer that is due still counts: it may have been on its way when the agent said something. The one for
    /// silence is set once for many pieces; where it was not silent for so long, it is set for the rest of the time.
    mutating func counts(_ limit: String, _ seconds: Double, _ subject: ReplyStream.Subject, _ loop: HostLoop) -> Bool {
        if limit == "firstToken" { return firstToken != nil }
        if limit != "idle" { return true }
        let rest = Self.nanoseconds(seconds) - (loop.clock.monotonic() - heardAt)
        if rest <= 0 { return true }
        idle = Self.arm("idle", seconds, rest, subject, loop)
        return false
    }

    private static func nanoseconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }

    func cancel(_ loop: HostLoop) {
        for timer in [firstToken, idle, total].compactMap({ $0 }) { loop.cancelTimer(timer) }
    }

    private static func arm(
        _ limit: String, _ seconds: Double, _ pause: Int64, _ subject: ReplyStream.Subject, _ loop: HostLoop
    ) -> Int {
        loop.after(nanoseconds: pause) { host in host.timedOut(subject, limit: limit, seconds: seconds) }
    }
}

extension Host {
    fileprivate func timedOut(_ subject: ReplyStream.Subject, limit: String, seconds: Double) {
        switch subject {
        case .turn(let id, let turnId):
            guard let conversation = conversations[id], let turn = conversation.running, turn.id == turnId,
                turn.state == .running, turn.timers.counts(limit, seconds, subject, loop)
            else { return }
            turn.cancelExecution?()
            end(turn, conversation, .failed(.agentTimeout(turn.agent.id, limit: limit, seconds: seconds)))
        case .execution(let id):
            guard let execution = executions[id], execution.timers.counts(limit, seconds, subject, loop) else { return }
            finish(id, .failed(.agentTimeout(execution.agent.id, limit: limit, seconds: seconds)))
        }
    }
}
