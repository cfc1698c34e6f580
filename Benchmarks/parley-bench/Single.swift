import Glibc

/// The time from one request to its answer when nothing else is under way.
enum RoundTrip {
    /// The median of the work's requests, each sent after the one before it was answered, in microseconds.
    static func typical(_ program: Program, _ work: Work) throws -> Double {
        let scratch = try Scratch()
        let child = try Child(program, in: scratch)
        var dialogue = Dialogue(child, work.timed)
        var times: [Double] = []
        times.reserveCapacity(work.timed.count)
        for _ in 0..<work.timed.count {
            let begin = Clock.now
            try dialogue.askNext()
            times.append(Clock.now - begin)
        }
        try child.finish()
        return (median(times) ?? 0) * 1_000_000
    }
}

/// The time from the spawn of a process to its first line, in milliseconds.
enum Start {
    static func time(_ program: Program, sending work: Work?) throws -> Double {
        let scratch = try Scratch()
        let begin = Clock.now
        let child = try Child(program, in: scratch)
        if let work {
            var dialogue = Dialogue(child, work.timed)
            try dialogue.askNext()
        } else {
            var answers = AnswerReader(child)
            var patience = Patience()
            var lines = 0
            while lines == 0 { try answers.readOnce(&patience) { _ in lines += 1 } }
        }
        let elapsed = Clock.now - begin
        try child.finish()
        return elapsed * 1000
    }
}

/// What a host that waits for work keeps in memory, in MiB.
enum IdleMemory {
    static func resident(_ program: Program) throws -> Double {
        let scratch = try Scratch()
        let child = try Child(program, in: scratch)
        var requests = Requests(firstID: 1)
        requests.add("initialize", #"{"clientInfo":{"name":"parley-bench","version":"1"}}"#)
        requests.add("ping", "{}")
        var dialogue = Dialogue(child, requests)
        try dialogue.askNext()
        try dialogue.askNext()
        usleep(200_000)  // What is put off until after the first answers belongs to it.
        let resident = try child.resident(.now)
        try child.finish()
        return resident
    }
}

/// Requests one at a time, on pipes that block: the way of an editor, and the cheapest one for the client.
private struct Dialogue {
    private let child: Child
    private let requests: Requests
    private var answers: AnswerReader
    private var ledger: Ledger
    private var patience = Patience()

    init(_ child: Child, _ requests: Requests) {
        self.child = child
        self.requests = requests
        answers = AnswerReader(child)
        ledger = Ledger(requests)
    }

    mutating func askNext() throws {
        var rest = requests.range(of: ledger.answered)
        while !rest.isEmpty {
            rest = rest.lowerBound + (try child.write(requests.bytes, rest, &patience))..<rest.upperBound
        }
        let before = ledger.answered
        while ledger.answered == before {
            try answers.readOnce(&patience) { try ledger.take($0) }
        }
    }
}
