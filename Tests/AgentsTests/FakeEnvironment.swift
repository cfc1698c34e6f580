import Agents
import Jansson
import Logging
import Synchronization

/// Time and gates that stand still until a test moves them.
final class FakeEnvironment: AgentEnvironment {
    private struct State {
        var waiting: [(number: Int, what: String, body: @Sendable () -> Void)] = []
        var made = 0
    }

    private let state = Mutex(State())
    private let hasGates: Bool
    private let working = Mutex(0)

    let programs = Programs()
    let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let version = "1.2.3"

    init(hasGates: Bool = true) { self.hasGates = hasGates }

    /// What is waited for: "2.5 s", "gate lunch".
    var waiting: [String] { state.withLock { $0.waiting.map(\.what) } }

    /// How many programs are said to work on something.
    var atWork: Int { working.withLock { $0 } }

    func programsAtWork(_ change: Int) { working.withLock { $0 += change } }

    func after(seconds: Double, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        wait("\(seconds) s", body)
    }

    /// Nothing is in the middle of anything here.
    func afterThis(_ body: @escaping @Sendable () -> Void) { body() }

    func atGate(_ name: Text, _ body: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)? {
        hasGates ? wait("gate \(name)", body) : nil
    }

    /// Lets everyone go on.
    func release() {
        let bodies = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting.map(\.body)
        }
        for body in bodies { body() }
    }

    private func wait(_ what: String, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let number = state.withLock { state in
            state.made += 1
            state.waiting.append((state.made, what, body))
            return state.made
        }
        return { [self] in state.withLock { $0.waiting.removeAll { $0.number == number } } }
    }
}

/// What an agent reported.
final class Reports: Sendable {
    private let outcomes = Mutex<[String]>([])

    /// "text: …", "reply: …" or "unavailable: …".
    var all: [String] { outcomes.withLock { $0 } }

    func add(_ report: AgentReport) {
        outcomes.withLock { outcomes in
            switch report {
            case .piece(let piece): outcomes.append("\(piece.kind.rawValue): \(piece.text)")
            case .ended(let outcome): outcomes.append(outcome.described)
            }
        }
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
