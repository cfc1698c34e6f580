import Glibc

/// Answers a second of one run: a fresh store, a fresh process, the preparation, then the clock from the first byte
/// sent to the last answer read.
enum Throughput {
    static func rate(_ program: Program, _ work: Work) throws -> Double {
        let scratch = try Scratch()
        let child = try Child(program, in: scratch)
        var answers = AnswerReader(child)
        try exchange(work.preparation, with: child, reading: &answers, window: nil)
        let begin = Clock.now
        try exchange(work.timed, with: child, reading: &answers, window: work.window)
        let elapsed = Clock.now - begin
        try child.finish()
        if work.leastEvents > 0 {
            let events = try scratch.countEvents()
            guard events >= work.leastEvents else {
                throw Failure("the store holds \(events) events where at least \(work.leastEvents) were acknowledged")
            }
        }
        return Double(work.timed.count) / elapsed
    }

    /// Sends and reads in one loop around `poll`. Neither side can wait for the other forever: the loop writes only
    /// what the pipe takes at once and reads whatever is there. One thread costs less than two on a small machine,
    /// where the client must leave the cores to what is measured.
    private static func exchange(
        _ requests: Requests, with child: Child, reading answers: inout AnswerReader, window: Int?
    ) throws {
        try child.setBlocking(false)
        var ledger = Ledger(requests)
        do {
            try exchange(requests, with: child, reading: &answers, window: window, into: &ledger)
        } catch {
            throw Failure("\(error) (after \(ledger.answered) of \(requests.count) answers)")
        }
        try child.setBlocking(true)
    }

    private static func exchange(
        _ requests: Requests, with child: Child, reading answers: inout AnswerReader, window: Int?,
        into ledger: inout Ledger
    ) throws {
        var patience = Patience()
        var sent = 0
        while ledger.answered < requests.count {
            let allowed = window.map { requests.length(ofFirst: ledger.answered + $0) } ?? requests.bytes.count
            var events = [
                pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: sent < allowed ? child.input : -1, events: Int16(POLLOUT), revents: 0),
            ]
            if poll(&events, nfds_t(events.count), -1) < 0 {
                try patience.interrupted()
                continue
            }
            if events[0].revents != 0 {
                try answers.readOnce(&patience) { try ledger.take($0) }
            }
            if events[1].revents != 0 {
                sent += try child.write(requests.bytes, sent..<allowed, &patience)
            }
        }
    }
}
