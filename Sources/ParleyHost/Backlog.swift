import DequeModule
import JSONRPC

/// Lines that were received and not carried out, in order.
struct Backlog {
    private var batches: Deque<LineBatch> = []
    /// The next line of the first batch.
    private var next = 0
    /// Whether nobody reads the answers that were made so far, so that none should be added.
    var isOutputFull = false
    /// Whether so many lines were looked at that wait for others, that no more should be.
    var isWaitingFull = false

    var isBeingCarriedOut = false

    /// Whether no further line may be carried out now.
    var isHeldUp: Bool { isOutputFull || isWaitingFull }

    var isEmpty: Bool { batches.isEmpty }
    var first: LineBatch? { batches.first }

    mutating func append(_ batch: LineBatch) { batches.append(batch) }

    /// The next line of the first batch; nil when all of it were given out.
    mutating func nextLine() -> LineBatch.Line? {
        guard let batch = batches.first, next < batch.lines.count else { return nil }
        defer { next += 1 }
        return batch.lines[next]
    }

    /// Whether the first batch was done, and is gone.
    mutating func dropFirstIfDone() -> Bool {
        guard let batch = batches.first, next == batch.lines.count else { return false }
        batches.removeFirst()
        next = 0
        return true
    }
}
