import JSONRPC
import Jansson

/// A request that is being carried out, as long as it is not answered.
struct Call: Sendable {
    /// Nil for a notification, which is never answered.
    let id: RequestID?
    /// Tells calls apart whose clients gave them the same id.
    let number: Int
    /// The batch that it came in.
    let batch: Int?
}

/// A call that waits for something and could be cancelled.
struct InFlight {
    let number: Int
    let cancel: () -> Void
}

extension Host {
    /// From now on `$/cancelRequest` with the call's id does `cancel`, until the call is answered.
    func waits(_ call: Call, cancel: @escaping () -> Void) {
        guard let id = call.id else { return }
        inFlight[id, default: []].removeAll { $0.number == call.number }
        inFlight[id, default: []].append(InFlight(number: call.number, cancel: cancel))
    }

    func noLongerWaits(_ call: Call) {
        if inFlight.isEmpty { return }
        guard let id = call.id, var calls = inFlight[id] else { return }
        calls.removeAll { $0.number == call.number }
        inFlight[id] = calls.isEmpty ? nil : calls
    }

    /// Whether it is not answered, nor cancelled, since `waits`.
    func isWaiting(_ call: Call) -> Bool {
        guard let id = call.id else { return true }
        return inFlight[id]?.contains { $0.number == call.number } ?? false
    }

    /// Runs `work` for a call on a worker's thread and `answer` with its result back here, unless the call is
    /// cancelled meanwhile.
    func runAside<Result: Sendable>(
        for call: Call, _ work: @escaping @Sendable () -> Result,
        answer: @escaping @Sendable (isolated Host, Result) -> Void
    ) {
        waits(call) { self.answer(call, .cancelled("The request was cancelled.")) }
        runAside(work) { host, result in
            if host.isWaiting(call) { answer(host, result) }
        }
    }

    func cancelCalls(_ id: RequestID) {
        for call in inFlight[id] ?? [] { call.cancel() }
        cancelWaiting(id)
    }
}
