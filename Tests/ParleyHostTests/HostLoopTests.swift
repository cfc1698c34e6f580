import Agents
import JSONRPC
import Jansson
import Journal
import Logging
import Testing
import Threads

@testable import ParleyHost

/// A host whose loop runs when a test says so.
private final class WaitingHost: Sendable {
    let loop: HostLoop
    let host: Host
    let sink = Sink()
    private let folder: TemporaryFolder
    private let notes = Monitor<[String]>([])

    init(_ clock: any HostClock = FakeClock()) throws {
        folder = try TemporaryFolder()
        loop = HostLoop(clock: clock)
        var options = HostOptions()
        options.clock = clock
        options.workers = 0
        let agents = AgentRegistry(
            entries: [AgentRegistry.Entry(id: "echo", name: "Echo", agent: EchoAgent())], defaultAgent: "echo")
        host = Host(
            options: options, store: try StoreDirectory(path: folder.path), agents: agents, loop: loop, output: sink,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), onFinish: {})
    }

    deinit { loop.stop() }

    func note(_ what: String) { notes.broadcasting { $0.append(what) } }

    /// Runs `work` on a thread of its own, and notes when that is done.
    func aside(_ done: String, _ work: @escaping @Sendable () -> Void) {
        _ = Thread(name: "aside") {
            work()
            self.note(done)
        }
    }

    var noted: [String] { notes.withLock { $0 } }

    /// Waits until that was noted, and answers with all that was.
    func noted(_ what: String, at location: SourceLocation = #_sourceLocation) throws -> [String] {
        let deadline = Patience.deadline()
        let found = notes.wait(deadline: { _ in deadline }, until: { $0.contains(what) ? $0 : nil })
        return try #require(found, "`\(what)` never came", sourceLocation: location)
    }

    /// Hands one line over.
    func ping(_ id: Int) {
        let line = Array(#"{"jsonrpc":"2.0","id":\#(id),"method":"ping"}"#.utf8)
        loop.receive(LineBatch(bytes: line, lines: [.text(0..<line.count)]))
    }
}

@Suite("The loop that a host runs on") struct HostLoopTests {
    @Test("Timers go off in the order of their times, and those that were cancelled never")
    func timers() throws {
        let clock = FakeClock()
        let waiting = try WaitingHost(clock)
        let (loop, start) = (waiting.loop, clock.monotonic())
        var made: [Int: Int] = [:]
        for seconds in [3, 1, 4, 2] {
            made[seconds] = loop.after(nanoseconds: Int64(seconds) * 1_000_000_000) { _ in waiting.note("\(seconds)") }
        }
        #expect(loop.nextDeadline == start + 1_000_000_000)
        for seconds in [1, 3] { loop.cancelTimer(made[seconds] ?? 0) }
        #expect(loop.nextDeadline == start + 2_000_000_000)
        clock.advance(seconds: 3.5)
        loop.start(waiting.host)
        #expect(try waiting.noted("2") == ["2"])
        #expect(loop.nextDeadline == start + 4_000_000_000)
        // What went off, and what never was, can be cancelled all the same.
        for timer in [made[2] ?? 0, made[1] ?? 0, 77, -1] { loop.cancelTimer(timer) }
        loop.cancelTimer(made[4] ?? 0)
        #expect(loop.nextDeadline == nil)
        clock.advance(seconds: 100)
        loop.post { _ in waiting.note("at last") }
        #expect(try waiting.noted("at last") == ["2", "at last"])
    }

    @Test("A timer may be cancelled by what happens at its own time")
    func cancelledInTime() throws {
        let clock = FakeClock()
        let waiting = try WaitingHost(clock)
        let loop = waiting.loop
        let second = Monitor(0)
        _ = loop.after(nanoseconds: 1) { _ in
            loop.cancelTimer(second.withLock { $0 })
            waiting.note("first")
        }
        second.withLock { $0 = loop.after(nanoseconds: 2_000_000_000) { _ in waiting.note("second") } }
        loop.start(waiting.host)
        clock.advance(seconds: 1)
        loop.post { _ in }
        _ = try waiting.noted("first")
        clock.advance(seconds: 10)
        loop.post { _ in waiting.note("done") }
        #expect(try waiting.noted("done") == ["first", "done"])
    }

    // MARK: What programs say

    private static let bound = 4096

    @Test("Who brings more than may wait is held up until the host has taken it")
    func backPressure() throws {
        let waiting = try WaitingHost()
        let loop = waiting.loop
        let taken = Monitor(0)
        let isInOrder = Monitor(true)
        waiting.aside("delivered") {
            for number in 0..<3 * Self.bound {
                if number == Self.bound { waiting.note("full") }
                loop.deliver { _ in
                    let place = taken.withLock { taken in
                        defer { taken += 1 }
                        return taken
                    }
                    if place != number { isInOrder.withLock { $0 = false } }
                }
            }
            loop.deliver { _ in waiting.note("last") }
        }
        _ = try waiting.noted("full")
        // Whoever doesn't flood is not held up; that stands behind as many as may wait, and in front of the others.
        loop.post { _ in waiting.note("posted behind \(taken.withLock { $0 })") }
        loop.start(waiting.host)
        _ = try waiting.noted("delivered")
        let noted = try waiting.noted("last").filter { $0 != "delivered" }
        #expect(noted == ["full", "posted behind \(Self.bound)", "last"])
        #expect(taken.withLock { $0 } == 3 * Self.bound && isInOrder.withLock { $0 })
    }

    @Test("The host itself is never held up")
    func hostDelivers() throws {
        let waiting = try WaitingHost()
        let loop = waiting.loop
        loop.start(waiting.host)
        loop.post { _ in
            for _ in 0..<2 * Self.bound { loop.deliver { _ in } }
            loop.deliver { _ in waiting.note("last") }
        }
        #expect(try waiting.noted("last") == ["last"])
    }

    @Test("Who is held up goes on when the loop stops")
    func stopped() throws {
        let waiting = try WaitingHost()
        let loop = waiting.loop
        waiting.aside("delivered") {
            for number in 0..<2 * Self.bound {
                if number == Self.bound { waiting.note("full") }
                loop.deliver { _ in }
            }
        }
        _ = try waiting.noted("full")
        loop.stop()
        #expect(try waiting.noted("delivered") == ["full", "delivered"])
    }

    // MARK: Virtual time

    @Test("A virtual time stands still, and lines wait, while programs are at work")
    func programsAtWork() throws {
        let clock = VirtualClock(skips: true)
        let waiting = try WaitingHost(clock)
        let loop = waiting.loop
        func seconds() -> Int64 { clock.monotonic() / 1_000_000_000 }
        for number in [1, 5] {
            _ = loop.after(nanoseconds: Int64(number) * 1_000_000_000) { _ in
                waiting.note("timer at \(clock.monotonic() / 1_000_000_000)")
            }
        }
        waiting.ping(1)
        loop.programsAtWork(2)
        loop.post { _ in waiting.note("begun") }
        waiting.aside("done") {
            _ = try? waiting.noted("begun")
            loop.deliver { _ in waiting.note("first at \(clock.monotonic())") }
            loop.programsAtWork(-1)
            _ = try? waiting.noted("first at 0")
            loop.deliver { _ in waiting.note("second at \(clock.monotonic())") }
            loop.programsAtWork(-1)
        }
        loop.settle(waiting.host)
        _ = try waiting.noted("done")
        #expect(
            waiting.noted.filter { $0 != "done" } == ["begun", "first at 0", "second at 0", "timer at 1", "timer at 5"])
        #expect(waiting.sink.rest.count == 1 && seconds() == 5)
    }

    @Test("A timer that was cancelled doesn't move a virtual time, wherever it stood among the others")
    func cancelledInVirtualTime() throws {
        let clock = VirtualClock(skips: true)
        let waiting = try WaitingHost(clock)
        let loop = waiting.loop
        _ = loop.after(nanoseconds: 1_000_000_000) { _ in waiting.note("first") }
        loop.cancelTimer(loop.after(nanoseconds: 5_000_000_000) { _ in waiting.note("second") })
        loop.settle(waiting.host)
        waiting.ping(1)
        loop.settle(waiting.host)
        #expect(waiting.noted == ["first"] && waiting.sink.rest.count == 1)
        #expect(clock.monotonic() == 1_000_000_000 && loop.nextDeadline == nil)
    }

    @Test("Nothing is left to do before they are done, though nothing else moves")
    func settling() throws {
        let waiting = try WaitingHost(VirtualClock(skips: true))
        let loop = waiting.loop
        loop.programsAtWork(1)
        loop.post { _ in waiting.note("begun") }
        waiting.aside("done") {
            _ = try? waiting.noted("begun")
            loop.deliver { _ in waiting.note("reported") }
            loop.programsAtWork(-1)
        }
        loop.settle(waiting.host)
        #expect(waiting.noted.filter { $0 != "done" } == ["begun", "reported"])
    }

    @Test("A loop that runs waits for them as well")
    func running() throws {
        let clock = VirtualClock(skips: true)
        let waiting = try WaitingHost(clock)
        let loop = waiting.loop
        loop.programsAtWork(1)
        _ = loop.after(nanoseconds: 1_000_000_000) { _ in waiting.note("timer") }
        loop.post { _ in waiting.note("begun") }
        loop.start(waiting.host)
        _ = try waiting.noted("begun")
        loop.deliver { _ in waiting.note("reported") }
        _ = try waiting.noted("reported")
        loop.programsAtWork(-1)
        #expect(try waiting.noted("timer") == ["begun", "reported", "timer"])
    }

    @Test("On a clock that only moves when it is told to, programs hold up the lines alone")
    func stillClock() throws {
        let clock = VirtualClock(skips: false)
        let waiting = try WaitingHost(clock)
        let loop = waiting.loop
        _ = loop.after(nanoseconds: 1_000_000_000) { _ in waiting.note("timer") }
        loop.programsAtWork(1)
        waiting.ping(1)
        waiting.aside("done") {
            loop.deliver { _ in waiting.note("reported after \(waiting.sink.rest.count) answers") }
            loop.programsAtWork(-1)
        }
        loop.settle(waiting.host)
        _ = try waiting.noted("done")
        #expect(waiting.noted.filter { $0 != "done" } == ["reported after 0 answers"])
        #expect(waiting.sink.rest.count == 1 && loop.nextDeadline == 1_000_000_000)
        clock.advance(to: 1_000_000_000)
        loop.settle(waiting.host)
        #expect(waiting.noted.contains("timer"))
    }

    @Test("A real time goes on whatever programs do")
    func realTime() throws {
        let clock = FakeClock()
        let waiting = try WaitingHost(clock)
        let loop = waiting.loop
        loop.programsAtWork(1)
        _ = loop.after(nanoseconds: 1_000_000_000) { _ in waiting.note("timer") }
        waiting.ping(1)
        loop.start(waiting.host)
        #expect(waiting.sink.take { $0["id"]?.integer == 1 } != nil)
        clock.advance(seconds: 2)
        loop.post { _ in }
        _ = try waiting.noted("timer")
    }
}
