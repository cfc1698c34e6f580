import DequeModule
import JSONRPC
import Jansson

/// `--in-order`: a request begins when the one before it is answered, its turn included.
struct Order {
    /// Something that came and has not begun.
    fileprivate struct Waiting {
        let id: RequestID?
        let batch: Int?
        let begin: () -> Void
    }

    fileprivate var waiting: Deque<Waiting> = []
    /// The number of the call that is being carried out, and what it is not done with.
    fileprivate var current = 0
    fileprivate var isAnswered = true
    fileprivate var turns = 0
    /// Whether so much waits that no more is read.
    fileprivate var isFull = false

    var isEmpty: Bool { waiting.isEmpty }
    fileprivate var isFree: Bool { isAnswered && turns == 0 }
}

extension Host {
    /// Begins something now, or behind what came before it. `begin` makes the next call.
    func inOrder(_ id: RequestID? = nil, batch: Int? = nil, _ begin: @escaping () -> Void) {
        if !options.isInOrder {
            begin()
            return
        }
        order.waiting.append(Order.Waiting(id: id, batch: batch, begin: begin))
        beginWaiting()
    }

    private func beginWaiting() {
        while order.isFree, let next = order.waiting.popFirst() {
            order.current = callsMade + 1
            order.isAnswered = false
            next.begin()
        }
        let isFull = order.waiting.count >= Limits.waitingMessages
        if isFull == order.isFull { return }
        order.isFull = isFull
        backlog.holds += isFull ? 1 : -1
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
        turn.isCounted = true
        order.turns += 1
    }

    func noteEnd(of turn: Turn) {
        if !turn.isCounted { return }
        turn.isCounted = false
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
            callsMade += 1
            answer(
                Call(id: id, number: callsMade, batch: request.batch),
                .cancelled("The request was cancelled before it began."))
        }
        beginWaiting()
    }
}
