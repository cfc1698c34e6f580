import Agents
import Jansson
import Testing

@Suite("Answering by a script") struct ScriptedAgentTests {
    private let environment = FakeEnvironment()
    private let reports = Reports()

    private func execute(
        _ prompt: Text = "hi", hold: Script.Hold = .none, partial: Text? = nil,
        _ outcome: AgentOutcome = .replied(AgentReply(response: "Yes."))
    ) -> AgentExecution {
        let agent = ScriptedAgent(
            script: Script(rules: [Script.Rule(pattern: "h*", hold: hold, partial: partial, outcome: outcome)]),
            environment: environment)
        return agent.execute(AgentRequest(executionId: "exec_1", prompt: prompt)) { [reports] in reports.add($0) }
    }

    private func finished(_ execution: AgentExecution) -> String? {
        if case .finished(let outcome) = execution { outcome.described } else { nil }
    }

    @Test("Without a hold it is done within the call, and reports nothing besides")
    func atOnce() {
        #expect(finished(execute()) == "reply: Yes.")
        #expect(reports.all.isEmpty && environment.waiting.isEmpty)
    }

    @Test(
        "Held back, it reports when what it waits for has come, once",
        arguments: [(Script.Hold.delay(seconds: 2.5), "2.5 s"), (.gate("lunch"), "gate lunch")])
    func held(_ hold: Script.Hold, _ waiting: String) {
        #expect(finished(execute(hold: hold)) == nil)
        #expect(environment.waiting == [waiting] && reports.all.isEmpty)
        environment.release()
        environment.release()
        #expect(reports.all == ["reply: Yes."])
    }

    @Test("Cancelled, it reports nothing any more", arguments: [Script.Hold.delay(seconds: 1), .gate("lunch")])
    func cancelled(_ hold: Script.Hold) throws {
        guard case .running(let cancel) = execute(hold: hold) else {
            Issue.record("it is done already")
            return
        }
        cancel()
        #expect(environment.waiting.isEmpty)
        environment.release()
        #expect(reports.all.isEmpty)
    }

    @Test(
        "What it says before the hold is a piece of the reply, told at once and as it is written",
        arguments: [Script.Hold.delay(seconds: 1), .gate("lunch")])
    func partial(_ hold: Script.Hold) throws {
        _ = execute(hold: hold, partial: "Well, {prompt}…")
        #expect(reports.all == ["text: Well, {prompt}…"])
        environment.release()
        #expect(reports.all == ["text: Well, {prompt}…", "reply: Yes."])
        guard case .running(let cancel) = execute(hold: hold, partial: "Hm", .failed(AgentFailure(.failed, "No.")))
        else {
            Issue.record("it is done already")
            return
        }
        cancel()
        environment.release()
        #expect(reports.all.dropFirst(2) == ["text: Hm"])
    }

    @Test("A failure is told as the script has it, held back or not", arguments: AgentFailure.Kind.allCases)
    func failures(_ kind: AgentFailure.Kind) {
        let failure = AgentOutcome.failed(AgentFailure(kind, "It broke at {prompt}."))
        #expect(finished(execute("hi", failure)) == "\(kind.rawValue): It broke at {prompt}.")
        _ = execute("hi", hold: .delay(seconds: 1), failure)
        environment.release()
        #expect(reports.all == ["\(kind.rawValue): It broke at {prompt}."])
    }

    @Test(
        "{prompt} becomes the prompt, wherever it stands",
        arguments: [
            ("{prompt}", "hü"), ("<{prompt}>", "<hü>"), ("{prompt}{prompt}", "hühü"), ("{promp}", "{promp}"),
            ("{{prompt}}", "{hü}"), ("{prompt", "{prompt"),
            ("", ""), ("{PROMPT}", "{PROMPT}"),
        ])
    func prompt(_ response: String, _ filled: String) {
        #expect(finished(execute("hü", .replied(AgentReply(response: Text(response))))) == "reply: \(filled)")
    }

    @Test("A prompt that holds the mark itself is put in once")
    func promptWithMark() {
        #expect(finished(execute("h{prompt}", .replied(AgentReply(response: "{prompt}!")))) == "reply: h{prompt}!")
    }

    @Test("Where nobody can release a gate, who is held there fails at once rather than never answering")
    func closedGate() throws {
        let rule = Script.Rule(pattern: "*", hold: .gate("door"), outcome: .replied(AgentReply(response: "x")))
        let agent = ScriptedAgent(script: Script(rules: [rule]), environment: FakeEnvironment(hasGates: false))
        let execution = agent.execute(AgentRequest(executionId: "e", prompt: "hi")) { _ in
            Issue.record("it reported")
        }
        let told = try #require(finished(execution))
        #expect(told.hasPrefix("unavailable: ") && told.contains("`door`"))
    }

    @Test("Tools are reported as the script has them")
    func tools() {
        guard
            case .finished(.replied(let reply)) = execute(
                "hi", .replied(AgentReply(response: "x", toolsUsed: ["b", "a"])))
        else {
            Issue.record("no reply")
            return
        }
        #expect(reply.toolsUsed == ["b", "a"] && reply.usage == nil)
    }

    @Test(
        "Where no rule fits it fails, and says of which prompt",
        arguments: [
            ("no rule", "no rule"), (String(repeating: "x", count: 41), String(repeating: "x", count: 40) + "…"),
        ])
    func noRule(_ prompt: String, _ shown: String) throws {
        let told = try #require(finished(execute(Text(prompt))))
        #expect(told.hasPrefix("failed: ") && told.contains("`\(shown)`"))
    }

    @Test("Its kind is told to clients")
    func kinds() {
        #expect(ScriptedAgent(script: Script(rules: []), environment: environment).kind.rawValue == "scripted")
        #expect(EchoAgent().kind.rawValue == "echo")
    }

    @Test("The echo agent says back what it was told, byte for byte", arguments: ["", "hi", "ü\u{0}\n{prompt}"])
    func echo(_ prompt: String) {
        let execution = EchoAgent().execute(AgentRequest(executionId: "e", prompt: Text(prompt))) { _ in
            Issue.record("it reported")
        }
        #expect(finished(execution) == "reply: You said: \(prompt)")
    }
}
