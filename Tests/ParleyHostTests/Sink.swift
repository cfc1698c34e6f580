import JSONRPC
import Jansson
import Threads

/// Keeps what the host says, and lets a test wait for it.
final class Sink: LineSink {
    private let answers = Monitor<[JSON]>([])

    /// Lines that were said and not asked for yet, in their order.
    var rest: [JSON] { answers.withLock { $0 } }

    func send(_ lines: [UInt8]) -> Bool {
        let parsed = lines.split(separator: 0x0A).compactMap { try? JSON.parse($0) }
        answers.broadcasting { $0 += parsed }
        return true
    }

    func isIdle() -> Bool { true }

    /// Takes the first line that fits out, as soon as there is one; nil where none comes for long.
    func take(_ fits: (JSON) -> Bool) -> JSON? {
        // A bound on a fault, not a measure of time: nothing here takes a second.
        let deadline = Patience.deadline()
        return answers.wait(
            deadline: { _ in deadline },
            until: { answers in answers.firstIndex(where: fits).map { answers.remove(at: $0) } })
    }
}
