import Agents
import JSONRPC
import Jansson
import Journal
import Logging
import ParleyHost
import Testing
import Threads

/// A host on a store of its own, with a clock that stands still, ids that count up and agents that wait at gates.
final class TestHost: Sendable {
    let sink = Sink()
    let clock = FakeClock()
    let loop: HostLoop
    let environment: HostEnvironment
    private let folder: TemporaryFolder
    private let isFinished = Monitor(false)

    /// Rules of the agent `demo`, which is the default one: `hold X` waits at the gate X, `slow N` for N seconds.
    private static func script() -> Script {
        func reply(_ text: Text) -> AgentOutcome { .replied(AgentReply(response: text, toolsUsed: ["tool"])) }
        return Script(rules: [
            Script.Rule(pattern: "hold a*", hold: .gate("a"), outcome: reply("held: {prompt}")),
            Script.Rule(pattern: "hold b*", hold: .gate("b"), outcome: reply("held: {prompt}")),
            Script.Rule(pattern: "slow*", hold: .delay(seconds: 10), outcome: reply("slow: {prompt}")),
            Script.Rule(pattern: "fail", outcome: .failed(AgentFailure(.failed, "It broke."))),
            Script.Rule(pattern: "missing", outcome: .failed(AgentFailure(.unavailable, "It is missing."))),
            Script.Rule(pattern: "*", outcome: reply("said: {prompt}")),
        ])
    }

    /// - Parameter agent: who `demo` is, where it shall be another than the script.
    init(
        concurrency: Int = 1000, timeouts: AgentRegistry.Timeouts = AgentRegistry.Timeouts(),
        agent: (any Agent)? = nil, change: (inout HostOptions) -> Void = { _ in }
    ) throws {
        folder = try TemporaryFolder()
        loop = HostLoop(clock: clock)
        let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        environment = HostEnvironment(loop: loop, log: log, hasGates: true)
        let demo = AgentRegistry.Entry(
            id: "demo", name: "Demo", agent: agent ?? ScriptedAgent(script: Self.script(), environment: environment),
            concurrency: concurrency, timeouts: timeouts)
        let echo = AgentRegistry.Entry(id: "echo", name: "Echo", agent: EchoAgent())
        var options = HostOptions()
        options.durability = .os
        options.clock = clock
        options.identifiers = CountingIdentifiers()
        options.userId = "ada"
        options.pid = 1
        change(&options)
        let host = Host(
            options: options, store: try StoreDirectory(path: folder.path),
            agents: AgentRegistry(entries: [demo, echo], defaultAgent: "demo"), loop: loop,
            output: sink, log: log,
            onFinish: { [isFinished] in isFinished.broadcasting { $0 = true } })
        loop.start(host)
    }

    deinit { loop.stop() }

    // MARK: Talking

    /// Hands lines over as one batch, as a client would that wrote them in one piece.
    func send(_ lines: String...) {
        var bytes: [UInt8] = []
        var ranges: [LineBatch.Line] = []
        for line in lines {
            ranges.append(.text(bytes.count..<(bytes.count + line.utf8.count)))
            bytes += Array(line.utf8) + [0x0A]
        }
        loop.receive(LineBatch(bytes: bytes, lines: ranges))
    }

    /// Sends a request of that id.
    func request(_ id: Int, _ method: String, _ params: String = "{}") {
        send(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#)
    }

    func answer(_ id: Int, at location: SourceLocation = #_sourceLocation) throws -> JSON {
        try #require(sink.take { $0["id"]?.integer == Int64(id) }, "no answer to \(id)", sourceLocation: location)
    }

    /// What the request is answered with.
    func result(_ id: Int, at location: SourceLocation = #_sourceLocation) throws -> JSON {
        let answer = try answer(id, at: location)
        return try #require(answer["result"], "\(JSONFragment(answer).text)", sourceLocation: location)
    }

    /// The kind of the error that the request is answered with.
    func error(_ id: Int, at location: SourceLocation = #_sourceLocation) throws -> JSON {
        let answer = try answer(id, at: location)
        return try #require(answer["error"], "\(JSONFragment(answer).text)", sourceLocation: location)
    }

    private var calls: Monitor<Int> { Self.requests }
    private static let requests = Monitor(1_000_000)

    /// Sends a request and waits for its result.
    func call(_ method: String, _ params: String = "{}", at location: SourceLocation = #_sourceLocation) throws -> JSON
    {
        let id = calls.withLock { calls in
            calls += 1
            return calls
        }
        request(id, method, params)
        return try result(id, at: location)
    }

    func start(_ id: String = "c", at location: SourceLocation = #_sourceLocation) throws {
        _ = try call("conversation/start", #"{"conversationId":"\#(id)"}"#, at: location)
    }

    /// What a conversation's events are, in short: `user hi`, `assistant said: hi`, `turnEnded cancelled`.
    func history(_ id: String = "c", at location: SourceLocation = #_sourceLocation) throws -> [String] {
        let events =
            try call("conversation/events", #"{"conversationId":"\#(id)"}"#, at: location)["events"]?.elements ?? []
        // What is found out goes with each turn's end: tests of that look at the events themselves.
        return events.filter { $0["type"]?.text != "insight" }.map { event in
            switch event["type"]?.text {
            case "message": "\(event["role"]?.text ?? "") \(event["content"]?.text ?? "")"
            case "turnEnded": "turnEnded \(event["outcome"]?.text ?? "")"
            case let type: "\(type ?? "")"
            }
        }
    }

    // MARK: Time

    /// Waits until the host has done all that it can do now.
    func settle() {
        for _ in 0..<3 {
            let done = Monitor(false)
            loop.post { _ in done.broadcasting { $0 = true } }
            let deadline = Patience.deadline()
            _ = done.wait(deadline: { _ in deadline }, until: { $0 ? () : nil })
        }
    }

    func advance(seconds: Double) {
        clock.advance(seconds: seconds)
        // The loop looks at its timers when something comes in.
        settle()
    }

    /// Waits until the host says that it is done.
    func finished() -> Bool {
        let deadline = Patience.deadline()
        return isFinished.wait(deadline: { _ in deadline }, until: { $0 ? true : nil }) ?? false
    }
}

extension JSONFragment {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSON {
    /// `data.kind` of an error.
    var errorKind: Text? { self["data"]?["kind"]?.text }
}
