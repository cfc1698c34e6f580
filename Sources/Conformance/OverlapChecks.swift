import Jansson

/// Requests that overlap, and requests that are given up.
extension Trial {
    /// two at once, cancel, after a cancel, late cancel
    mutating func tryOverlapping() {
        tryTwoAtOnce()
        tryCancel()
        tryLateCancel()
    }

    private mutating func tryTwoAtOnce() {
        guard let run = process(for: .twoAtOnce), let first = mainQuestion(for: .twoAtOnce) else { return }
        let second = question(first.capability, "And what can't you do?")
        let ids = run.send { [$0.ask(first), $0.ask(second)] }
        var refusal: PluginError?
        for id in ids {
            switch wait(for: id, of: run) {
            case .answer(.result): break
            case .answer(.error(let error)): refusal = error
            case .nothing(let instead):
                let which = id == ids[0] ? "the first" : "the second"
                short(
                    .twoAtOnce,
                    "Of two requests at once, \(which) got no answer: it \(instead). Requests overlap; answers come in any order."
                )
                return
            }
        }
        if let refusal, main != .loadProfile {
            ok(
                .twoAtOnce,
                "Both are answered, one with the error `\(refusal.text)`: `\"concurrency\": 1` in the config spares it that."
            )
        } else {
            ok(.twoAtOnce, "Both are answered.")
        }
    }

    private mutating func tryCancel() {
        guard let run = process(for: .cancel), let question = mainQuestion(for: .cancel) else {
            skip(.afterCancel, findings[.cancel]?.detail ?? "Nothing could be cancelled.")
            return
        }
        let right = "what was cancelled is answered with the error -32800, or with what there is"
        let id = run.send { lines in
            let id = lines.ask(question)
            lines.cancel(id)
            return id
        }
        switch wait(for: id, of: run) {
        case .answer(.result): ok(.cancel, "What was cancelled is answered with a result.")
        case .answer(.error(let error)) where error.code == -32800:
            ok(.cancel, "What was cancelled is answered with the error -32800.")
        case .answer(.error(let error)) where error.isExcuse:
            ok(.cancel, "What was cancelled is answered with the error `\(error.text)`.")
        case .answer(.error) where main == .loadProfile: ok(.cancel, "What was cancelled is answered with an error.")
        case .answer(.error(let error)): short(.cancel, "It answers with the error `\(error.text)`; \(right).")
        case .nothing(let instead):
            short(.cancel, "After `$/cancelRequest` it \(instead); \(right).")
            skip(.afterCancel, "The request that was cancelled was not answered.")
            return
        }
        tryAfterCancel(run)
    }

    /// - Parameter run: a process that has answered what was cancelled.
    private mutating func tryAfterCancel(_ run: PluginRun) {
        guard let question = mainQuestion(for: .afterCancel) else { return }
        switch ask(question, of: run) {
        case .answered: ok(.afterCancel, "It answers the next request as ever.")
        case .excused(let sentence): skip(.afterCancel, sentence)
        case .refused where main == .loadProfile: ok(.afterCancel, "It answers the next request as ever.")
        case .refused(let error):
            short(
                .afterCancel, "It answers the next request with the error `\(error.text)`; one cancel ends one request."
            )
        case .wrong(let clause): short(.afterCancel, "Asked once more: \(clause); one cancel ends one request.")
        }
    }

    private mutating func tryLateCancel() {
        passesOver(
            .lateCancel, "After the cancel of what it had answered already",
            "an id that was answered already is passed over",
            ok: "The cancel of what was answered already is passed over."
        ) { lines in lines.cancelAnswered() }
    }
}
