import Agents
import Jansson
import Logging
import Threads

/// The host's time, gates, log and programs, as agents see them.
package struct HostEnvironment: AgentEnvironment {
    private struct Gates {
        var released: Set<Text> = []
        var waiting: [(number: Int, gate: Text, body: @Sendable () -> Void)] = []
        var made = 0
    }

    private let loop: HostLoop
    private let gates = Monitor(Gates())

    private let hasGates: Bool

    package let programs = Programs()
    package let log: Logger
    package var version: String { loop.clock.isVirtual ? HostOptions.versionForTranscripts : HostOptions().version }

    /// - Parameter hasGates: whether somebody may call `release`.
    package init(loop: HostLoop, log: Logger, hasGates: Bool = false) {
        self.loop = loop
        self.log = log
        self.hasGates = hasGates
    }

    package func programsAtWork(_ change: Int) { loop.programsAtWork(change) }

    package func after(seconds: Double, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let timer = loop.after(nanoseconds: Int64(seconds * 1e9)) { _ in body() }
        return { [loop] in loop.cancelTimer(timer) }
    }

    package func afterThis(_ body: @escaping @Sendable () -> Void) { loop.post { _ in body() } }

    package func atGate(_ name: Text, _ body: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)? {
        if !hasGates { return nil }
        let number = gates.withLock { gates -> Int? in
            if gates.released.contains(name) { return nil }
            gates.made += 1
            gates.waiting.append((gates.made, name, body))
            return gates.made
        }
        guard let number else {
            body()
            return {}
        }
        return { [gates] in gates.withLock { $0.waiting.removeAll { $0.number == number } } }
    }

    /// Lets everyone through who waits at the gate, and everyone who comes later.
    package func release(_ gate: Text) {
        let bodies = gates.withLock { gates in
            gates.released.insert(gate)
            let ready = gates.waiting.filter { $0.gate == gate }
            gates.waiting.removeAll { $0.gate == gate }
            return ready.map(\.body)
        }
        for body in bodies { body() }
    }
}
