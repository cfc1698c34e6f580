import Agents
import JSONRPC
import Jansson
import Testing

@testable import ParleyHost

@Suite("Agents of a config, kind by kind") struct AgentConfigurationTests {
    private let folder: ConfigFolder

    init() throws {
        folder = try ConfigFolder()
        try folder.folder.write("demo.json", #"{"rules":[]}"#)
    }

    /// What each kind needs.
    private static let least: [AgentKind: String] = [
        .echo: "", .scripted: #","script":"demo.json""#, .exec: #","command":["./x"]"#, .plugin: #","command":["./x"]"#,
        .openai: #","model":"m""#, .anthropic: #","model":"m""#,
        .llmCrafter: #","baseUrl":"http://h","organizationId":"o","projectId":"p","remoteAgentId":"r""#,
    ]

    private func config(_ kind: AgentKind, _ more: String = "") -> String {
        #"{"agents":{"x":{"kind":"\#(kind.rawValue)"\#(more)}}}"#
    }

    private func agent(_ kind: AgentKind, _ more: String = "") throws -> AgentRegistry.Entry {
        let agents = try folder.load(config(kind, (Self.least[kind] ?? "") + more)).agents
        return try #require(agents.first)
    }

    @Test(
        "What holds for each kind where nothing is said",
        arguments: [
            (AgentKind.echo, 1000, nil), (.scripted, 1000, nil), (.exec, 4, 600), (.plugin, 1000, 600),
            (.openai, 4, 600), (.anthropic, 4, 600), (.llmCrafter, 4, 600),
        ] as [(AgentKind, Int, Double?)])
    func usual(_ kind: AgentKind, _ concurrency: Int, _ total: Double?) throws {
        let usual = try agent(kind)
        #expect(usual.agent.kind == kind && usual.concurrency == concurrency && usual.timeouts.total == total)
        #expect(usual.timeouts.firstToken == nil && usual.timeouts.idle == nil && usual.name == "x")
        #expect(usual.agent.standing.state == (total == nil || kind == .exec ? .ready : .idle))
        let given = try agent(kind, #","concurrency":2,"timeouts":{"total":7,"idle":1}"#)
        #expect(given.concurrency == 2 && given.timeouts.total == 7 && given.timeouts.idle == 1)
        #expect(try agent(kind, #","timeouts":{"firstToken":1}"#).timeouts.total == total)
    }

    /// Keys that not every kind has, with a value each, and who has them.
    private static let keys: [(key: String, value: String, kinds: Set<AgentKind>)] = [
        ("shows", #""request""#, [.echo]), ("script", #""demo.json""#, [.scripted]),
        ("command", #"["./x"]"#, [.exec, .plugin]),
        ("environment", #"["HOME"]"#, [.exec, .plugin, .openai, .anthropic, .llmCrafter]),
        ("settings", "{}", [.plugin]), ("baseUrl", #""https://h/v1""#, [.openai, .anthropic, .llmCrafter]),
        ("model", #""m""#, [.openai, .anthropic]),
        ("apiKey", #"{"environment":"HOME"}"#, [.openai, .anthropic, .llmCrafter]),
        ("parameters", #"{"temperature":0}"#, [.openai, .anthropic]), ("remoteAgentId", #""r""#, [.llmCrafter]),
        ("retryPause", "0.1", [.openai, .anthropic, .llmCrafter]),
    ]

    @Test("A key that its kind doesn't have is refused, not passed over", arguments: AgentKind.allCases)
    func foreignKeys(_ kind: AgentKind) {
        for (key, value, kinds) in Self.keys {
            let least = Self.least[kind] ?? ""
            if least.contains("\"\(key)\"") { continue }
            let sentence = "parley.json: agents.x: an agent of the kind `\(kind.rawValue)` has no `\(key)`."
            #expect(
                folder.problem(config(kind, "\(least),\"\(key)\":\(value)")) == (kinds.contains(kind) ? nil : sentence))
        }
        for common in [#""name":"N""#, #""organizationId":"o""#, #""projectId":"p""#, #""window":{}"#, #""_meta":1"#] {
            let least = Self.least[kind] ?? ""
            if least.contains(common.prefix { $0 != ":" }) { continue }
            #expect(folder.problem(config(kind, "\(least),\(common)")) == nil)
        }
    }

    private static let missingCommand = #"`command` is missing: the program and its arguments, such as ["./agent.py"]."#
    private static let commands = "`command` must be a list of words, the first the program's name, not"
    private static let names = "`environment` must be a list of names of environment variables, not"
    private static let urls = "`baseUrl` must be a URL that begins with http:// or https://, not"

    @Test(
        "What is wrong is told with the agent, the key, what it must be and what it is",
        arguments: [
            (.exec, "", missingCommand), (.plugin, "", missingCommand),
            (.exec, #","command":"./x""#, #"\#(commands) `"./x"`."#), (.exec, #","command":[]"#, "\(commands) `[]`."),
            (.plugin, #","command":[""]"#, #"\#(commands) `[""]`."#),
            (.plugin, #","command":["a",7]"#, #"\#(commands) `["a",7]`."#),
            (.exec, #","command":["a","b\u0000"]"#, #"\#(commands) `["a","b\u0000"]`."#),
            (.exec, #","command":["a"],"environment":"HOME""#, #"\#(names) `"HOME"`."#),
            (.exec, #","command":["a"],"environment":["A","1A"]"#, #"\#(names) `["A","1A"]`."#),
            (.plugin, #","command":["a"],"environment":["A=B"]"#, #"\#(names) `["A=B"]`."#),
            (.plugin, #","command":["a"],"environment":[""]"#, #"\#(names) `[""]`."#),
            (.plugin, #","command":["a"],"environment":["Ä"]"#, #"\#(names) `["Ä"]`."#),
            (.plugin, #","command":["a"],"settings":[]"#, "`settings` must be an object, not `[]`."),
            (.openai, "", "`model` is missing: it must be a string."),
            (.anthropic, "", "`model` is missing: it must be a string."),
            (.openai, #","model":7"#, "`model` must be a string, not `7`."),
            (.openai, #","model":"m","baseUrl":"localhost:11434""#, #"\#(urls) `"localhost:11434"`."#),
            (.anthropic, #","model":"m","baseUrl":"HTTP://h""#, #"\#(urls) `"HTTP://h"`."#),
            (.openai, #","model":"m","parameters":[]"#, "`parameters` must be an object, not `[]`."),
            (.openai, #","model":"m","retryPause":0"#, "`retryPause` must be a number of seconds over 0, not `0`."),
            (.openai, #","model":"m","concurrency":0"#, "`concurrency` must be an integer from 1 to 100000, not `0`."),
            (.llmCrafter, "", "`baseUrl` is missing: it must be a string."),
            (.llmCrafter, #","baseUrl":"http://h""#, "`organizationId` is missing: it must be a string."),
            (
                .llmCrafter, #","baseUrl":"http://h","organizationId":"o""#,
                "`projectId` is missing: it must be a string."
            ),
            (
                .llmCrafter, #","baseUrl":"http://h","organizationId":"o","projectId":"p""#,
                "`remoteAgentId` is missing: it must be a string."
            ),
            (.echo, #","shows":"all""#, #"`shows` must be one of "prompt", "request", not `"all"`."#),
            (
                .exec, #","command":["a"],"timeouts":{"idle":0}"#,
                "timeouts: `idle` must be a number of seconds over 0, not `0`."
            ),
            (.exec, #","comand":["a"]"#, "There is no key `comand`: did you mean `command`?"),
        ] as [(AgentKind, String, String)])
    func faults(_ kind: AgentKind, _ more: String, _ sentence: String) {
        #expect(folder.problem(config(kind, more)) == "parley.json: agents.x: \(sentence)")
    }

    @Test(
        "A key is never in the config, but where it is",
        arguments: [#"{"environment":"A_1"}"#, #"{"file":"key.txt"}"#, #"{"command":["pass","x"]}"#])
    func apiKey(_ place: String) throws {
        for kind in [AgentKind.openai, .anthropic, .llmCrafter] {
            #expect(folder.problem(config(kind, (Self.least[kind] ?? "") + #","apiKey":\#(place)"#)) == nil)
        }
    }

    @Test(
        "What stands there instead may be the key, and is not shown",
        arguments: [
            (#""sk-1""#, "a string"), ("7", "a number"), (#"["sk-1"]"#, "an array"), ("null", "null"),
            ("true", "a boolean"), ("{}", "an object"), (#"{"environment":""}"#, "an object"),
            (#"{"environment":"A=sk-1"}"#, "an object"), (#"{"environment":["A"]}"#, "an object"),
            (#"{"file":""}"#, "an object"), (#"{"file":7}"#, "an object"), (#"{"command":[]}"#, "an object"),
            (#"{"command":"pass"}"#, "an object"), (#"{"environment":"A","file":"f"}"#, "an object"),
            (#"{"key":"sk-1"}"#, "an object"),
        ])
    func noKeyPlace(_ value: String, _ article: String) throws {
        let place = #"where the key is, as {"environment": NAME}, {"file": PATH} or {"command": [WORD, …]}"#
        for kind in [AgentKind.openai, .anthropic, .llmCrafter] {
            #expect(
                folder.problem(config(kind, (Self.least[kind] ?? "") + #","apiKey":\#(value)"#))
                    == "parley.json: agents.x: `apiKey` must be \(place), not \(article).")
        }
    }

    // MARK: What the plugin for model servers is told

    private func keys(_ agent: String) throws -> Parameters {
        try Parameters(
            JSON.parse(Array(agent.utf8)),
            declared: [
                ServerKeys.baseUrl.declaration, ServerKeys.model.declaration, ServerKeys.apiKey.declaration,
                ServerKeys.parameters.declaration, ServerKeys.remoteAgent.declaration,
                ServerKeys.retryPause.declaration, ProgramKeys.environment.declaration,
            ])
    }

    @Test(
        "The settings of the plugin for model servers are what the config says",
        arguments: [
            (.openai, #"{"model":"m"}"#, #"{"api":"openai","model":"m"}"#),
            (
                .anthropic,
                #"{"retryPause":0.25,"parameters":{"temperature":0},"apiKey":{"file":"k"},"model":"m","baseUrl":"http://h"}"#,
                #"{"api":"anthropic","baseUrl":"http://h","model":"m","apiKey":{"file":"k"},"parameters":{"temperature":0},"retryPause":0.25}"#
            ),
            (
                .llmCrafter, #"{"baseUrl":"http://h","remoteAgentId":"r"}"#,
                #"{"api":"llm-crafter","baseUrl":"http://h","organizationId":"o","projectId":"p","remoteAgentId":"r"}"#
            ),
        ] as [(AgentKind, String, String)])
    func serverSettings(_ kind: AgentKind, _ agent: String, _ expected: String) throws {
        let context = ConfigurationContext("\(folder.folder.path)/parley.json", folder.environment)
        let settings = try Configuration.serverSettings(
            kind, "agents.x", keys(agent), organization: ("o", "p"), context)
        #expect(settings.text == expected)
    }

    @Test("It gets the variable that has its key, what its command may want, and what says how HTTP leaves here")
    func serverProgram() throws {
        let context = ConfigurationContext("\(folder.folder.path)/parley.json", folder.environment)
        let program = try Configuration.serverProgram(
            "agents.x", keys(#"{"environment":["GNUPGHOME"],"apiKey":{"environment":"THE_KEY"}}"#), context)
        #expect(program.command.count == 1 && program.command.first?.hasSuffix("parley-agent-http") ?? false)
        #expect(program.environment.prefix(2) == ["GNUPGHOME", "THE_KEY"] && program.folder == folder.folder.path)
        let network: Set<String> = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"]
        #expect(program.environment.dropFirst(2).allSatisfy { network.contains($0.uppercased()) })
        let without = try Configuration.serverProgram("agents.x", keys(#"{"apiKey":{"file":"k"}}"#), context)
        #expect(without.environment == Array(program.environment.dropFirst(2)))
    }

    @Test("The same command with the same settings is one process; any other has its own")
    func shared() {
        let context = ConfigurationContext("parley.json", folder.environment)
        let program = Program(command: ["a", "b"], folder: "/", environment: ["A"])
        let settings = JSONFragment.string("s")
        let plugin = context.plugin("one", program, settings: settings)
        #expect(plugin === context.plugin("two", program, settings: settings))
        #expect(plugin !== context.plugin("one", program, settings: .emptyObject))
        for other in [
            Program(command: ["a"], folder: "/", environment: ["A"]), Program(command: ["a", "b"], environment: ["A"]),
            Program(command: ["a", "b"], folder: "/"),
        ] {
            #expect(plugin !== context.plugin("one", other, settings: settings))
        }
    }
}
