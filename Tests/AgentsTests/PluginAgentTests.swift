import Conversations
import Jansson
import Testing
import Threads

@testable import Agents

@Suite("Agents that are plugins") struct PluginAgentTests {
    private let environment = FakeEnvironment()
    private let reports = Reports()

    /// A plugin that answers its first execution with those lines, and its second one with the same.
    private func agent(_ lines: [String]) -> PluginAgent {
        let script = """
            ready=$1; shift
            read line; printf '%s\\n' "$ready"
            for id in 1 3; do
                read line; printf 'heard %s\\n' "$line" >&2
                for said in "$@"; do printf '%s\\n' "$said" | sed "s/ID/$id/"; done
            done
            exec cat >/dev/null
            """
        // The first execution is the first request, and the process is asked to begin by the second.
        let ready = #"{"id":2,"result":{"name":"p","version":"1","capabilities":["agent/execute"]}}"#
        let program = Program(command: ["/bin/sh", "-c", script, "sh", ready] + lines)
        return PluginAgent(
            .plugin, id: "support", plugin: Plugin(name: "support", program: program, environment: environment))
    }

    private func execute(_ agent: PluginAgent, _ request: AgentRequest) throws -> AgentOutcome {
        let ended = Monitor<AgentOutcome?>(nil)
        let execution = agent.execute(request) { [reports] report in
            reports.add(report)
            if case .ended(let outcome) = report { ended.broadcasting { $0 = outcome } }
        }
        guard case .running = execution else {
            Issue.record("it is done already")
            return .failed(AgentFailure(.failed, ""))
        }
        let outcome = try ended.value { $0 != nil }
        try environment.quiet()
        return try #require(outcome)
    }

    @Test("It is told all that there is of the turn, and what there isn't is left out")
    func request() throws {
        defer { environment.programs.end() }
        let agent = agent([
            #"{"method":"agent/delta","params":{"executionId":"e","text":"Yes"}}"#,
            #"{"id":ID,"result":{"response":"Yes."}}"#,
        ])
        #expect(agent.needs == .everything && agent.kind == .plugin && agent.standing.state == .idle)
        let conversation = JSONFragment { $0.object(Members([("id", .string("c"))])) }
        let whole = AgentRequest(
            executionId: "e", prompt: "hü", context: conversation, messages: [ChatMessage(.user, "hü")],
            instructions: "Be kind.", conversation: conversation, turnId: "t")
        #expect(try execute(agent, whole).described == "reply: Yes.")
        #expect(reports.all == ["text: Yes", "reply: Yes."])
        let common = #""executionId":"e","agentId":"support","prompt":"hü""#
        _ = try environment.logged.line {
            $0.hasSuffix(
                #""params":{\#(common),"context":{"id":"c"},"messages":[{"role":"user","content":"hü"}],"#
                    + #""instructions":"Be kind.","conversation":{"id":"c"},"turnId":"t"}}"#)
        }
        _ = try execute(agent, AgentRequest(executionId: "e", prompt: "hü"))
        _ = try environment.logged.line { $0.hasSuffix(#""params":{\#(common),"context":{},"messages":[]}}"#) }
        #expect(agent.standing.state == .ready)
    }

    @Test(
        "What is told of a reply is taken over where it has its shape, and the log says what hasn't",
        arguments: [
            ("{}", "", ""), (#"{"tools_used":["a","b"]}"#, "tools a,b", ""), (#"{"tools_used":[]}"#, "", ""),
            (#"{"tools_used":["a",1]}"#, "", "`tools_used` is no list of strings"),
            (#"{"tools_used":"a"}"#, "", "`tools_used` is no list of strings"),
            (#"{"tokens_used":7}"#, "tokens 7", ""), (#"{"tokens_used":0}"#, "tokens 0", ""),
            (#"{"tokens_used":-1}"#, "", "`tokens_used` is no number of tokens"),
            (#"{"tokens_used":1.5}"#, "", "`tokens_used` is no number of tokens"),
            (#"{"usage":{"input_tokens":1,"output_tokens":2}}"#, #"usage {"input_tokens":1,"output_tokens":2}"#, ""),
            (
                #"{"usage":{"more":1,"cached_tokens":0,"output_tokens":2,"input_tokens":1}}"#,
                #"usage {"input_tokens":1,"output_tokens":2,"cached_tokens":0}"#, ""
            ),
            (
                #"{"usage":{"input_tokens":1,"output_tokens":2,"cost":{"amount":0.5,"currency":"EUR","source":"reported"}}}"#,
                #"usage {"input_tokens":1,"output_tokens":2,"cost":{"amount":0.5,"currency":"EUR","source":"reported"}}"#,
                ""
            ),
            (#"{"usage":{"input_tokens":1}}"#, "", Self.usage), (#"{"usage":7}"#, "", Self.usage),
            (#"{"usage":{"input_tokens":1,"output_tokens":-2}}"#, "", Self.usage),
            (#"{"usage":{"input_tokens":1,"output_tokens":2,"cached_tokens":"3"}}"#, "", Self.usage),
            (#"{"usage":{"input_tokens":1,"output_tokens":2,"cost":{"amount":1}}}"#, "", Self.usage),
            (
                #"{"usage":{"input_tokens":1,"output_tokens":2,"cost":{"amount":-1,"currency":"EUR","source":"reported"}}}"#,
                "", Self.usage
            ),
            (
                #"{"usage":{"input_tokens":1,"output_tokens":2,"cost":{"amount":1,"currency":"EUR","source":"guessed"}}}"#,
                "", Self.usage
            ),
            (
                #"{"usage":{"input_tokens":1,"output_tokens":2,"cost":{"amount":1,"currency":"eur","source":"reported"}}}"#,
                "", Self.usage
            ),
            (#"{"model":"m","n":{"a":[1]}}"#, #"model "m" n {"a":[1]}"#, ""),
            (#"{"execution_id":"x","agent_id":7,"response_time_ms":1,"z":null}"#, "z null", ""),
            ("[]", "", ""), ("7", "", ""),
        ])
    func metadata(_ metadata: String, _ expected: String, _ fault: String) throws {
        defer { environment.programs.end() }
        let agent = agent([#"{"id":ID,"result":{"response":"","metadata":\#(metadata)}}"#])
        guard case .replied(let reply) = try execute(agent, AgentRequest(executionId: "e", prompt: "x")) else {
            Issue.record("no reply")
            return
        }
        var told: [String] = []
        if !reply.toolsUsed.isEmpty {
            told.append("tools \(reply.toolsUsed.map(\.description).joined(separator: ","))")
        }
        if let tokens = reply.tokensUsed { told.append("tokens \(tokens)") }
        if let usage = reply.usage { told.append("usage \(String(decoding: usage.reported.bytes, as: UTF8.self))") }
        for (name, value) in reply.extra.list { told.append("\(name) \(String(decoding: value.bytes, as: UTF8.self))") }
        #expect(told.joined(separator: " ") == expected)
        let warnings = environment.logged.all.filter { $0.hasPrefix("warning: ") }
        let sentence = "warning: the agent `support` answered with metadata whose \(fault): it was left out"
        #expect(warnings == (fault.isEmpty ? [] : [sentence]))
    }

    private static let usage = "`usage` is not {input_tokens, output_tokens, cached_tokens?, cost?}"

    @Test(
        "An answer without a response is a failure",
        arguments: ["{}", "7", "null", #"{"response":null}"#, #"{"response":["x"]}"#, #"{"reply":"x"}"#])
    func noResponse(_ result: String) throws {
        defer { environment.programs.end() }
        let outcome = try execute(
            agent([#"{"id":ID,"result":\#(result)}"#]), AgentRequest(executionId: "e", prompt: "x"))
        #expect(outcome.described == "failed: The agent `support` answered without a `response`: `\(result)`.")
    }
}
