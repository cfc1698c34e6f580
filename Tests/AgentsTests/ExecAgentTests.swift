import Glibc
import Jansson
import Testing
import Threads

@testable import Agents

@Suite("Commands that are run for each turn") struct ExecAgentTests {
    private let environment = FakeEnvironment()
    private let reports = Reports()
    private let details = Monitor<[Text: String]>([:])

    private func execute(_ script: String, variables: [String] = []) throws -> @Sendable () -> Void {
        let program = Program(command: ["/bin/sh", "-c", script], environment: variables)
        return try execute(ExecAgent(id: "shell", program: program, environment: environment))
    }

    private func execute(_ agent: ExecAgent) throws -> @Sendable () -> Void {
        let execution = agent.execute(AgentRequest(executionId: "e", prompt: "hü")) { [reports, details] report in
            if case .ended(.failed(let failure)) = report {
                details.withLock { known in
                    for (name, value) in failure.details { known[name] = String(decoding: value.bytes, as: UTF8.self) }
                }
            }
            reports.add(report)
        }
        guard case .running(let cancel) = execution else {
            Issue.record("it is done already")
            return {}
        }
        return cancel
    }

    /// What was reported, pieces in one, when nothing is at work any more.
    private func told() throws -> (text: String, end: String?) {
        try environment.quiet()
        let all = reports.all
        let pieces = all.filter { $0.hasPrefix("text: ") }.map { $0.dropFirst(6) }.joined()
        let ends = all.filter { !$0.hasPrefix("text: ") }
        #expect(ends.count <= 1)
        return (pieces, ends.first)
    }

    @Test("It reads the request as one line and then the end; what it writes is the reply, without the line ends")
    func whole() throws {
        defer { environment.programs.end() }
        _ = try execute("cat; echo; echo")
        let line = #"{"executionId":"e","agentId":"shell","prompt":"hü","context":{},"messages":[]}"#
        let told = try told()
        #expect(told.text == line && told.end == "reply: \(line)")
    }

    @Test("What it writes is told when it is there")
    func pieces() throws {
        defer { environment.programs.end() }
        let folder = try TemporaryFolder()
        let gate = "\(folder.path)/gate"
        try #require(mkfifo(gate, 0o600) == 0)
        // Open both ways, so that neither waits for the other to open it.
        let end = open(gate, O_RDWR)
        defer { close(end) }
        _ = try execute("printf one; read line <'\(gate)'; echo two")
        #expect(try reports.first(1) == ["text: one"])
        #expect(write(end, "\n", 1) == 1)
        #expect(try told().text == "onetwo")
        #expect(reports.all.last == "reply: onetwo")
    }

    @Test(
        "It has failed when it ends with another status than 0 or by a signal",
        arguments: [
            ("echo half; echo why >&2; exit 3", "ended with status 3", ["exitStatus": "3", "stderr": #""why""#]),
            ("exit 1", "ended with status 1", ["exitStatus": "1"]),
            ("echo half; kill -TERM $$", "was killed by SIGTERM", ["signal": #""SIGTERM""#]),
        ] as [(String, String, [String: String])])
    func failures(_ script: String, _ sentence: String, _ facts: [String: String]) throws {
        defer { environment.programs.end() }
        _ = try execute(script)
        let told = try told()
        #expect(told.end == "failed: The command of `shell` \(sentence).")
        #expect(told.text == (script.contains("half") ? "half" : ""))
        #expect(details.withLock { $0 } == Dictionary(uniqueKeysWithValues: facts.map { (Text($0.key), $0.value) }))
        #expect(environment.logged.all == (facts["stderr"] == nil ? [] : ["info: shell: why"]))
    }

    @Test("One that can't be started is unavailable")
    func missing() throws {
        defer { environment.programs.end() }
        let program = Program(command: ["./no-such-command"])
        _ = try execute(ExecAgent(id: "shell", program: program, environment: environment))
        #expect(
            try told().end == "unavailable: The agent `shell`: The command `./no-such-command` can't be started: "
                + "No such file or directory.")
    }

    @Test("Cancelled, it is made to leave, and nothing is at work any more")
    func cancel() throws {
        defer { environment.programs.end() }
        let cancel = try execute("trap 'exit 0' TERM; echo up; echo here; sleep 1000 & wait; exit 9")
        _ = try reports.first(1)
        cancel()
        try environment.quiet()
        #expect(reports.all.first == "text: up" || reports.all.first == "text: up\nhere")
    }

    @Test("Which variables it lacks is said once, however often it runs")
    func variables() throws {
        defer { environment.programs.end() }
        let program = Program(command: ["true"], environment: ["PARLEY_TEST_THAT_IS_NEVER_SET"])
        let agent = ExecAgent(id: "shell", program: program, environment: environment)
        for _ in 0..<3 {
            _ = try execute(agent)
            try environment.quiet()
        }
        #expect(environment.logged.all.filter { $0.contains("PARLEY_TEST_THAT_IS_NEVER_SET") }.count == 1)
        #expect(reports.all == ["reply: ", "reply: ", "reply: "])
    }

    @Test("A reply of more than 16 MiB is a failure, and told as one at once")
    func tooMuch() throws {
        defer { environment.programs.end() }
        _ = try execute("head -c \(ReplyPiece.bound + 1) /dev/zero; echo on >&2; sleep 1000 & wait")
        #expect(try told().end == "failed: The command of `shell` wrote more than 16777216 bytes.")
    }
}
