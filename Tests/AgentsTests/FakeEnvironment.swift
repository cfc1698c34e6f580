import Agents
import Glibc
import Jansson
import Logging
import Testing
import Threads

/// Time and gates that stand still until a test moves them.
final class FakeEnvironment: AgentEnvironment {
    private struct State: Sendable {
        var waiting: [(number: Int, what: String, body: @Sendable () -> Void)] = []
        var made = 0
        var atWork = 0
    }

    private let state = Monitor(State())
    private let hasGates: Bool

    let programs = Programs()
    let logged = LoggedLines()
    let log: Logger
    let version = "1.2.3"

    init(hasGates: Bool = true) {
        // As the host does: who writes to a program that doesn't read is told so by write(2).
        signal(SIGPIPE, SIG_IGN)
        self.hasGates = hasGates
        log = logged.logger
    }

    /// What is waited for: "2.5 s", "gate lunch".
    var waiting: [String] { state.withLock { $0.waiting.map(\.what) } }

    /// How many programs are said to work on something.
    var atWork: Int { state.withLock { $0.atWork } }

    /// Waits until no program is said to work on anything, or only so many.
    func quiet(except count: Int = 0, at location: SourceLocation = #_sourceLocation) throws {
        _ = try state.value(at: location) { $0.atWork == count }
    }

    /// Waits until something is waited for.
    func waits(for what: String, at location: SourceLocation = #_sourceLocation) throws {
        _ = try state.value(at: location) { $0.waiting.contains { $0.what == what } }
    }

    func programsAtWork(_ change: Int) { state.broadcasting { $0.atWork += change } }

    func after(seconds: Double, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        wait("\(seconds) s", body)
    }

    /// Nothing is in the middle of anything here.
    func afterThis(_ body: @escaping @Sendable () -> Void) { body() }

    func atGate(_ name: Text, _ body: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)? {
        hasGates ? wait("gate \(name)", body) : nil
    }

    /// Lets everyone go on, or everyone who waits for that.
    func release(_ what: String? = nil) {
        let bodies = state.withLock { state in
            let released = state.waiting.filter { what == nil || $0.what == what }
            state.waiting.removeAll { what == nil || $0.what == what }
            return released.map(\.body)
        }
        for body in bodies { body() }
    }

    private func wait(_ what: String, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let number = state.broadcasting { state in
            state.made += 1
            state.waiting.append((state.made, what, body))
            return state.made
        }
        return { [self] in state.withLock { $0.waiting.removeAll { $0.number == number } } }
    }
}

/// What an agent reported.
final class Reports: Sendable {
    private let outcomes = Monitor<[String]>([])

    /// "text: …", "reply: …" or "unavailable: …".
    var all: [String] { outcomes.withLock { $0 } }

    func add(_ report: AgentReport) {
        outcomes.broadcasting { outcomes in
            switch report {
            case .piece(let piece): outcomes.append("\(piece.kind.rawValue): \(piece.text)")
            case .ended(let outcome): outcomes.append(outcome.described)
            }
        }
    }

    /// Waits for so many, and answers with all that there are then.
    func first(_ count: Int, at location: SourceLocation = #_sourceLocation) throws -> [String] {
        try outcomes.value(at: location) { $0.count >= count }
    }
}

extension AgentOutcome {
    var described: String {
        switch self {
        case .replied(let reply): "reply: \(reply.response)"
        case .failed(let failure): "\(failure.kind.rawValue): \(failure.message)"
        }
    }
}
