import Glibc

/// One run: a fresh store, a fresh process, the preparation, then the clock from the first byte sent to the last answer
/// read.
struct Run {
    /// Answers a second.
    var rate: Double { Double(answers) / seconds }
    /// For all answers together.
    var milliseconds: Double { seconds * 1000 }
    /// The most that the process had resident at any time, in MiB.
    let peakMemory: Double

    private let answers: Int
    private let seconds: Double

    init(_ program: Program, _ work: Work) throws {
        let scratch = try Scratch()
        let child = try Child(program, in: scratch)
        var reader = AnswerReader(child)
        try Run.exchange(work.preparation, with: child, reading: &reader, window: nil)
        let begin = Clock.now
        try Run.exchange(work.timed, with: child, reading: &reader, window: work.window)
        seconds = Clock.now - begin
        answers = work.timed.count
        peakMemory = try child.resident(.peak)
        try child.finish()
        if work.leastEvents > 0 {
            let events = try scratch.countEvents()
            guard events >= work.leastEvents else {
                throw Failure("the store holds \(events) events where at least \(work.leastEvents) were acknowledged")
            }
        }
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
