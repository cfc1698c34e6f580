import Jansson

/// What a plugin does about what it can't know, and what requests are called.
extension Trial {
    /// unknown method, unknown notification, ids
    mutating func tryUnknown() {
        tryUnknownMethod()
        tryUnknownNotification()
        tryIDs()
    }

    private static let unknown = "parley/unknown"

    private mutating func tryUnknownMethod() {
        guard let run = process(for: .unknownMethod) else { return }
        let right = "what it doesn't know is refused with the error -32601"
        let id = run.send { $0.ask(Self.unknown, .emptyObject) }
        switch wait(for: id, of: run) {
        case .answer(.error(let error)) where error.code == -32601:
            refusesUnknown = true
            ok(.unknownMethod, "It is refused with the error -32601.")
        case .answer(.error(let error)):
            refusesUnknown = true
            short(.unknownMethod, "It is answered with the error `\(error.text)`; \(right).")
        case .answer(.result(let result)):
            refusesUnknown = true
            short(.unknownMethod, "It is answered with `\(JSONFragment(result).description.excerpt)`; \(right).")
        case .nothing(let instead): short(.unknownMethod, "Asked for one, it \(instead); \(right).")
        }
    }

    private mutating func tryUnknownNotification() {
        passesOver(
            .unknownNotification, "After one", "notifications that it doesn't know are passed over",
            ok: "It is passed over."
        ) { lines in lines.notify(Self.unknown, .emptyObject) }
    }

    /// Sends something that is no request; a request behind it must be answered, and nothing else.
    mutating func passesOver(
        _ check: Check, _ after: String, _ right: String, ok seen: String, _ send: (inout PluginRun.Lines) -> Void
    ) {
        guard let run = process(for: check), let probe = probe(for: check) else { return }
        let before = run.ledger.strays.count
        let id = run.send { lines in
            send(&lines)
            return probe(&lines, nil)
        }
        if case .nothing(let instead) = wait(for: id, of: run) {
            short(check, "\(after), it \(instead); \(right).")
        } else if let stray = run.takeStrays(from: before).first {
            short(check, "It is answered with `\(stray)`; \(right).")
        } else {
            ok(check, seen)
        }
    }

    /// Adds a request, with this id if any, that is answered somehow, at the least cost; gives its id.
    typealias Probe = (inout PluginRun.Lines, Int?) -> Int

    private mutating func probe(for check: Check) -> Probe? {
        if refusesUnknown { return { $0.ask(Self.unknown, .emptyObject, id: $1) } }
        guard let question = mainQuestion(for: check) else { return nil }
        return { $0.ask(question, id: $1) }
    }

    private mutating func tryIDs() {
        let ids = [0, 1 << 53 - 1]
        for id in ids {
            guard let run = process(for: .ids), let probe = probe(for: .ids) else { return }
            if case .nothing(let instead) = wait(for: run.send { probe(&$0, id) }, of: run) {
                short(.ids, "Asked with the id \(id), it \(instead); ids are integers, which come back as they were.")
                return
            }
        }
        ok(.ids, "They come back as they were, \(ids[0]) and \(ids[1]) too.")
    }
}
