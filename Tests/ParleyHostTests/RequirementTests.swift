import ParleyHost
import Testing

@Suite("What a config can't do without") struct RequirementTests {
    private let folder: ConfigFolder

    init() throws {
        folder = try ConfigFolder()
        try folder.folder.write("run", "#!/bin/sh\n", mode: 0o755)
        try folder.folder.write("text", "no program")
    }

    private static let unset = "PARLEY_TEST_THAT_IS_NEVER_SET"
    private static let variable = "The environment variable `\(unset)` is not set."

    /// Each obstacle with its place; the plugin for model servers may be installed or not.
    private func obstacles(_ config: String) throws -> [String] {
        try folder.load(config).requirements.flatMap { requirement in
            requirement.obstacles.map { folder.without(folder: "\(requirement.place): \($0)") }
        }.filter { !$0.contains("parley-agent-http") }
    }

    private func agent(_ members: String) -> String { #"{"agents":{"x":{\#(members)}}}"# }

    @Test(
        "What an agent lacks is told",
        arguments: [
            (#""kind":"echo""#, []), (#""kind":"exec","command":["./run"]"#, []),
            (#""kind":"plugin","command":["sh"],"environment":["PATH"]"#, []),
            (
                #""kind":"exec","command":["./none"]"#,
                ["agents.x: The command `./none` can't be started: No such file or directory."]
            ),
            (
                #""kind":"plugin","command":["./text","run"]"#,
                ["agents.x: The command `./text` can't be started: it may not be run (`chmod +x` lets it)."]
            ),
            (#""kind":"exec","command":["./run"],"environment":["PATH","\#(unset)"]"#, ["agents.x: \(variable)"]),
            (
                #""kind":"plugin","command":["./none"],"environment":["\#(unset)"]"#,
                [
                    "agents.x: The command `./none` can't be started: No such file or directory.",
                    "agents.x: \(variable)",
                ]
            ),
            (#""kind":"openai","model":"m""#, []),
            (#""kind":"openai","model":"m","apiKey":{"environment":"PATH"}"#, []),
            (#""kind":"openai","model":"m","apiKey":{"environment":"\#(unset)"}"#, ["agents.x: \(variable)"]),
            (#""kind":"openai","model":"m","apiKey":{"file":"run"}"#, []),
            (
                #""kind":"anthropic","model":"m","apiKey":{"file":"none.txt"}"#,
                ["agents.x: none.txt can't be read: No such file or directory."]
            ),
            (
                #""kind":"anthropic","model":"m","apiKey":{"command":["./none","x"]}"#,
                ["agents.x.apiKey: The command `./none` can't be started: No such file or directory."]
            ),
            (#""kind":"anthropic","model":"m","apiKey":{"command":["./run"]}"#, []),
        ] as [(String, [String])])
    func agents(_ members: String, _ expected: [String]) throws {
        #expect(try obstacles(agent(members)) == expected)
    }

    @Test(
        "And what hooks lack",
        arguments: [
            (#""profiles":{"file":"run"}"#, []),
            (#""profiles":{"file":"none.json"}"#, ["profiles: none.json can't be read: No such file or directory."]),
            (
                #""profiles":{"command":["./none"]}"#,
                ["profiles: The command `./none` can't be started: No such file or directory."]
            ),
            (
                #""insight":{"sentiment":{"command":["./run"],"environment":["\#(unset)"]},"types":{"t":{"command":["./none"]}}}"#,
                [
                    "insight.sentiment: \(variable)",
                    "insight.types.t: The command `./none` can't be started: No such file or directory.",
                ]
            ),
        ] as [(String, [String])])
    func hooks(_ members: String, _ expected: [String]) throws {
        #expect(try obstacles("{\(members)}") == expected)
    }

    @Test("It is looked at when it is asked for, so that what is put right counts")
    func later() throws {
        let requirement = try #require(
            try folder.load(agent(#""kind":"exec","command":["./late"]"#)).requirements.first)
        #expect(requirement.place == "agents.x" && requirement.obstacles.count == 1)
        try folder.folder.write("late", "#!/bin/sh\n", mode: 0o755)
        #expect(requirement.obstacles.isEmpty)
    }
}
