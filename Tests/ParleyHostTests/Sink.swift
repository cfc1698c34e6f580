import JSONRPC
import Jansson
import Threads

/// Keeps what the host says, and lets a test wait for it.
final class Sink: LineSink {
    private let answers = Monitor<[JSON]>([])
    private let isReading = Monitor(true)

    /// Lines that were said and not asked for yet, in their order.
    var rest: [JSON] { answers.withLock { $0 } }

    func send(_ lines: [UInt8]) -> Bool {
        let parsed = lines.split(separator: 0x0A).compactMap { try? JSON.parse($0) }
        answers.broadcasting { $0 += parsed }
        return true
    }

    func isIdle() -> Bool { isReading.withLock { $0 } }

    /// Whether whoever reads has caught up with what was said. Who says so tells the host as well: `outputIsIdle`.
    func setIdle(_ isIdle: Bool) { isReading.withLock { $0 = isIdle } }

    /// Takes the first line that fits out, as soon as there is one; nil where none comes for long.
    func take(_ fits: (JSON) -> Bool) -> JSON? {
        // A bound on a fault, not a measure of time: nothing here takes a second.
        let deadline = Patience.deadline()
        return answers.wait(
            deadline: { _ in deadline },
            until: { answers in answers.firstIndex(where: fits).map { answers.remove(at: $0) } })
    }
}
