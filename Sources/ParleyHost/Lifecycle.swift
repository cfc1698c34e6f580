import JSONRPC
import Jansson

/// How a host comes to its end.
struct Lifecycle {
    /// No more lines will come.
    var inputEnded = false
    /// `shutdown` was called, or a signal came: new requests are refused.
    var refusesRequests = false
    /// Plugins are asked no more about users and conversations.
    var asksNoMore = false
    /// The call to answer when everything else is.
    var shutdownCall: Call?
    var isFinished = false
    var onFinish: (@Sendable () -> Void)?
}

extension Host {
    /// No more lines will come: what was read is answered, turns run to their agents' own time-outs, then it is over.
    package func inputEnded(failure: String?) {
        if let failure { log.error("reading stdin failed: \(failure); this is taken as its end") }
        lifecycle.inputEnded = true
        guard let seconds = options.drainSeconds else { return }
        loop.after(nanoseconds: Int64(seconds * 1e9)) { host in
            // What waits for its turn to begin is answered as well.
            host.lifecycle.refusesRequests = true
            host.cancelAllTurns("The host was told to drain for \(seconds) s at most.")
        }
    }

    /// Nobody reads the answers any more, and nothing more will be asked: turns would run for nobody.
    package func outputClosed() {
        if !lifecycle.inputEnded { return }
        lifecycle.refusesRequests = true
        cancelAllTurns("Nobody reads the answers any more.")
    }

    /// A signal asks to end: turns are cancelled, answers go out, and it is over even if the input goes on.
    package func terminate() {
        lifecycle.refusesRequests = true
        cancelAllTurns("The host was told to end.")
    }

    /// `shutdown`: turns run to their end; then the call is answered and it is over.
    func shutDown(_ call: Call) {
        lifecycle.refusesRequests = true
        lifecycle.shutdownCall = call
        // It is answered last of all; what comes behind it is refused at once.
        noteAnswered(call)
    }

    private func cancelAllTurns(_ reason: String) {
        lifecycle.asksNoMore = true
        for conversation in conversations.values { cancelTurns(of: conversation, reason) }
        for id in inFlight.keys { cancelCalls(id) }
        for cancel in questions.values { cancel() }
    }

    /// Ends the host when nothing is left to do.
    func finishIfDone() {
        guard lifecycle.inputEnded || lifecycle.refusesRequests, !lifecycle.isFinished, asideWork == 0,
            executions.isEmpty, inFlight.isEmpty, order.isEmpty, backlog.isEmpty,
            conversations.values.allSatisfy({ $0.isIdle })
        else { return }
        lifecycle.isFinished = true
        if let call = lifecycle.shutdownCall {
            answer(call) { writer in writer.emptyObject() }
            flush()
        }
        lifecycle.onFinish?()
    }

    /// Runs `work` on a worker's thread and `then` with its result back here.
    func runAside<Result: Sendable>(
        _ work: @escaping @Sendable () -> Result, then: @escaping @Sendable (isolated Host, Result) -> Void
    ) {
        asideWork += 1
        readers.run { [loop] in
            let result = work()
            loop.post { host in
                host.asideWork -= 1
                then(host, result)
            }
        }
    }
}
