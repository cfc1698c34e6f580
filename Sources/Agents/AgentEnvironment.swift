import Jansson
import Logging

/// What agents need of the host: its time, so that it can be a virtual one, gates that tests hold them at, the log, and
/// the programs that it runs.
package protocol AgentEnvironment: Sendable {
    var programs: Programs { get }
    var log: Logger { get }
    /// Parley's version, as programs are told it.
    var version: String { get }

    /// Calls `body` after that many seconds, unless the function that this returns is called before.
    func after(seconds: Double, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void

    /// Calls `body` when the host is done with all that it is at now.
    func afterThis(_ body: @escaping @Sendable () -> Void)

    /// Calls `body` when the gate is released, at once where it is already, unless the function that this returns is
    /// called before. Nil where nobody could release it.
    func atGate(_ name: Text, _ body: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)?

    /// So many more programs work on something, or, where negative, fewer: a virtual time waits for them.
    func programsAtWork(_ change: Int)
}
