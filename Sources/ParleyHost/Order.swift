import DequeModule
import JSONRPC
import Jansson

/// What waits although nothing of its own keeps it from beginning: with `--in-order` everything until what came before
/// it is answered, its turn included; and without, everything behind an import until it is known what that is about.
struct Order {
    /// Something that came and has not begun.
    fileprivate struct Waiting {
        let id: RequestID?
        let batch: Int?
        let bytes: Int
        let begin: () -> Void
    }

    fileprivate var waiting: Deque<Waiting> = []
    fileprivate var bytes = 0
    /// Bytes that waiting takes apart from the text.
    fileprivate static let overhead = 512
    /// Requests that everything behind them waits for.
    var holds = 0
    /// With `--in-order`, the number of the call that is being carried out, and what it is not done with.
    fileprivate var current = 0
    fileprivate var isAnswered = true
    fileprivate var turns = 0
    /// Whether so much waits that no more is read.
    fileprivate var isFull = false

    var isEmpty: Bool { waiting.isEmpty }
    /// Whether the next one may begin.
    fileprivate var isFree: Bool { isAnswered && turns == 0 && holds == 0 }
}

extension Host {
    /// Whether what comes begins at once.
    var beginsAtOnce: Bool { !options.isInOrder && order.holds == 0 && order.isEmpty }

    /// Begins something now, or behind what came before it. `begin` makes the next call.
    ///
    /// - Parameter bytes: how much is held while it waits.
    func inOrder(_ id: RequestID? = nil, batch: Int? = nil, bytes: Int = 0, _ begin: @escaping () -> Void) {
        if beginsAtOnce {
            begin()
            return
        }
        let waiting = Order.Waiting(id: id, batch: batch, bytes: bytes + Order.overhead, begin: begin)
        order.waiting.append(waiting)
        order.bytes += waiting.bytes
        beginWaiting()
    }

    /// Begins what waits, as far as it may.
    func beginWaiting() {
        while order.isFree, !backlog.isOutputFull, let next = order.waiting.popFirst() {
            order.bytes -= next.bytes
            if options.isInOrder {
                order.current = callsMade + 1
                order.isAnswered = false
            }
            next.begin()
        }
        let isFull = order.bytes > Limits.waitingBytes
        if isFull == order.isFull { return }
        order.isFull = isFull
        backlog.isWaitingFull = isFull
        if !isFull { afterwards.append { self.carryOutBacklog() } }
    }

    /// A call's answer is on its way.
    func noteAnswered(_ call: Call) {
        if call.number != order.current || order.isAnswered { return }
        order.isAnswered = true
        goOn()
    }

    /// A turn began, and with `--in-order` it is one of the request that is being carried out.
    func noteBegin(of turn: Turn) {
        guard options.isInOrder else { return }
        turn.isCounted = true
        order.turns += 1
    }

    func noteEnd(of turn: Turn) {
        if !turn.isCounted { return }
        turn.isCounted = false
        order.turns -= 1
        goOn()
    }

    /// Plugins look at a conversation: that belongs to its turn.
    func noteAnalysisBegin() {
        if options.isInOrder { order.turns += 1 }
    }

    func noteAnalysisEnd() {
        if !options.isInOrder { return }
        order.turns -= 1
        goOn()
    }

    /// Not here and now: whoever answers is in the middle of something.
    private func goOn() {
        if order.isFree, !order.waiting.isEmpty { afterwards.append { self.beginWaiting() } }
    }

    /// Requests of that id that have not begun never will.
    func cancelWaiting(_ id: RequestID) {
        let cancelled = order.waiting.filter { $0.id == id }
        if cancelled.isEmpty { return }
        order.waiting.removeAll { $0.id == id }
        for request in cancelled {
            order.bytes -= request.bytes
            callsMade += 1
            answer(
                Call(id: id, number: callsMade, batch: request.batch),
                .cancelled("The request was cancelled before it began."))
        }
        beginWaiting()
    }
}
