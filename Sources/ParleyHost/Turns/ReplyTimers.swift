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
        firstToken = limits.firstToken.map { seconds in Self.arm("firstToken", seconds, seconds, subject, loop) }
        total = limits.total.map { seconds in Self.arm("total", seconds, seconds, subject, loop) }
    }

    /// It said something.
    mutating func heard(_ limits: AgentRegistry.Timeouts, _ subject: ReplyStream.Subject, _ loop: HostLoop) {
        if let firstToken { loop.cancelTimer(firstToken) }
        firstToken = nil
        guard let seconds = limits.idle else { return }
        heardAt = loop.clock.monotonic()
        if idle == nil { idle = Self.arm("idle", seconds, seconds, subject, loop) }
    }

    /// The timer for silence is due, which is set once for many pieces. Whether it was silent for so long; else it is
    /// set for the rest of the time.
    mutating func isSilent(_ seconds: Double, _ subject: ReplyStream.Subject, _ loop: HostLoop) -> Bool {
        let silence = Double(loop.clock.monotonic() - heardAt) / 1e9
        if silence >= seconds { return true }
        idle = Self.arm("idle", seconds, seconds - silence, subject, loop)
        return false
    }

    func cancel(_ loop: HostLoop) {
        for timer in [firstToken, idle, total].compactMap({ $0 }) { loop.cancelTimer(timer) }
    }

    private static func arm(
        _ limit: String, _ seconds: Double, _ pause: Double, _ subject: ReplyStream.Subject, _ loop: HostLoop
    ) -> Int {
        loop.after(nanoseconds: Int64(pause * 1e9)) { host in host.timedOut(subject, limit: limit, seconds: seconds) }
    }
}

extension Host {
    fileprivate func timedOut(_ subject: ReplyStream.Subject, limit: String, seconds: Double) {
        switch subject {
        case .turn(let id, let turnId):
            guard let conversation = conversations[id], let turn = conversation.running, turn.id == turnId else {
                return
            }
            if limit == "idle", !turn.timers.isSilent(seconds, subject, loop) { return }
            turn.cancelExecution?()
            end(turn, conversation, .failed(.agentTimeout(turn.agent.id, limit: limit, seconds: seconds)))
        case .execution(let id):
            guard let execution = executions[id] else { return }
            if limit == "idle", !execution.timers.isSilent(seconds, subject, loop) { return }
            finish(id, .failed(.agentTimeout(execution.agent.id, limit: limit, seconds: seconds)))
        }
    }
}
