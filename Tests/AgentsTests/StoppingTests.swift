import Agents
import Glibc
import Testing

/// The pauses between the ways are of real time, one or two seconds each; nothing here depends on how long they are.
@Suite("Making programs leave") struct StoppingTests {
    private let programs = Programs()

    /// Waits in a child, so that signals are answered at once.
    private static let goesOn = "sleep 1000 & wait; exit 9"

    @Test(
        "It leaves in the gentlest way that it understands",
        arguments: [
            // At the end of its input.
            ("cat; exit 3", RunningProgram.Stop.gently, "ended with status 3"),
            // It doesn't see that, and answers SIGTERM.
            ("trap 'exit 7' TERM; echo up; \(goesOn)", .gently, "ended with status 7"),
            ("\(goesOn)", .gently, "was killed by SIGTERM"),
            ("trap 'exit 7' TERM; echo up; \(goesOn)", .firmly, "ended with status 7"),
            ("\(goesOn)", .firmly, "was killed by SIGTERM"),
            // It answers nothing.
            ("trap '' TERM; echo up; \(goesOn)", .gently, "was killed by SIGKILL"),
            ("trap '' TERM; echo up; \(goesOn)", .firmly, "was killed by SIGKILL"),
            ("trap 'exit 7' TERM; echo up; \(goesOn)", .atOnce, "was killed by SIGKILL"),
        ])
    func ways(_ script: String, _ way: RunningProgram.Stop, _ sentence: String) throws {
        defer { programs.end() }
        let run = ProgramRun(script.contains("up") ? script : "echo up; \(script)", in: programs)
        try run.says("up")
        run.running.stop(way)
        let told = try run.end()
        #expect(told.ends == [sentence])
        run.running.stop(.atOnce)
        #expect(run.soFar.ends == [sentence], "who is gone isn't stopped again")
    }

    @Test("A firmer way takes the place of a gentler one, and not the other way round")
    func firmer() throws {
        defer { programs.end() }
        let script = "trap 'exit 7' TERM; echo up; \(Self.goesOn)"
        for ways in [[RunningProgram.Stop.gently, .atOnce], [.atOnce, .gently], [.firmly, .gently]] {
            let run = ProgramRun(script, in: programs)
            try run.says("up")
            for way in ways { run.running.stop(way) }
            #expect(
                try run.end().ends == [ways.contains(.atOnce) ? "was killed by SIGKILL" : "ended with status 7"],
                "\(ways)")
        }
    }

    @Test("It may be stopped before it was started")
    func early() throws {
        defer { programs.end() }
        for _ in 0..<20 {
            let run = ProgramRun("trap '' TERM; sleep 1000", in: programs)
            run.running.stop(.atOnce)
            #expect(try run.end().ends == ["was killed by SIGKILL"])
        }
    }

    @Test(
        "What it started in its group goes with it, however it leaves",
        arguments: [(nil, "exit 0", 0), (RunningProgram.Stop.firmly, "wait", 15), (.atOnce, "wait", 9)])
    func group(_ way: RunningProgram.Stop?, _ last: String, _ signal: Int) throws {
        defer { programs.end() }
        let folder = try TemporaryFolder()
        let fifo = "\(folder.path)/held"
        try #require(mkfifo(fifo, 0o600) == 0)
        // Whoever has it open for writing holds up its end.
        let held = open(fifo, O_RDONLY | O_NONBLOCK)
        defer { close(held) }
        let script = "exec 3>'\(fifo)'; (trap '' TERM; sleep 1000) & echo up; \(last)"
        let run = ProgramRun(script, in: programs)
        try run.says("up")
        if let way { run.running.stop(way) }
        let end = try run.end().ends
        #expect(end == [signal == 0 ? "ended with status 0" : "was killed by SIG\(signal == 9 ? "KILL" : "TERM")"])
        var watched = pollfd(fd: held, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 60_000) == 1 && watched.revents & Int16(POLLHUP) != 0, "something still runs")
    }
}
