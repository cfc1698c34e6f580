import Agents
import Foundation
import Insight
import Jansson
import Logging
import ParleyHost
import Testing

@Suite("Configs and scripts") struct ConfigurationTests {
    /// A folder with a script and words perhaps.
    private func folder(_ script: String?, _ words: String?) throws -> ConfigFolder {
        let folder = try ConfigFolder()
        if let script { try folder.folder.write("demo.json", script) }
        if let words { try folder.folder.write("words.json", words) }
        return folder
    }

    private func load(_ config: String, script: String? = nil, words: String? = nil) throws -> Configuration {
        try folder(script, words).load(config)
    }

    private func problem(_ config: String, script: String? = nil, words: String? = nil) throws -> String? {
        try folder(script, words).problem(config)
    }

    private func scripted(_ more: String = "") -> String {
        #"{"agents":{"demo":{"kind":"scripted","script":"demo.json"\#(more)}}}"#
    }

    @Test("An empty config is the echo agent")
    func empty() throws {
        let configuration = try load("{}")
        #expect(configuration.defaultAgent == "echo" && configuration.agents.map(\.id) == ["echo"])
        #expect(configuration.userId == nil && configuration.welcome == nil)
        #expect(Configuration.builtIn.registry.defaultAgent == "echo")
    }

    @Test("What a config says is so")
    func full() throws {
        let configuration = try load(
            #"""
            {"defaultAgent":"b","userId":"ada","welcome":"Hi.","agents":{"b":{"kind":"echo","name":"Bee","organizationId":"o","projectId":"p",
            "concurrency":7,"timeouts":{"firstToken":1,"idle":2.5,"total":3}},"a":{"kind":"echo"}}}
            """#)
        #expect(configuration.defaultAgent == "b" && configuration.userId == "ada" && configuration.welcome == "Hi.")
        #expect(configuration.agents.map(\.id) == ["b", "a", "echo"])
        let agent = try #require(configuration.agents.first)
        #expect(agent.name == "Bee" && agent.organizationId == "o" && agent.projectId == "p" && agent.concurrency == 7)
        #expect(agent.timeouts.firstToken == 1 && agent.timeouts.idle == 2.5 && agent.timeouts.total == 3)
        #expect(configuration.agents[1].name == "a" && configuration.agents[1].timeouts.total == nil)
    }

    @Test(
        "What can't be used is told with its place",
        arguments: [
            ("[]", ["parley.json", "object"]), ("{\n\n,}", ["parley.json", "line 3"]),
            (#"{"defaultAgnet":"x"}"#, ["`defaultAgnet`", "`defaultAgent`", "key"]),
            (#"{"defaultAgent":"none"}"#, ["`none`", "`echo`"]), (#"{"userId":7}"#, ["`userId`", "a string"]),
            (#"{"agents":{"x":{}}}"#, ["agents.x", "`kind`"]), (#"{"agents":{"x":7}}"#, ["agents.x", "a number"]),
            (#"{"agents":{"x":{"kind":"robot"}}}"#, ["agents.x", "`kind`", "scripted", "robot"]),
            (#"{"agents":{"x":{"kind":"echo","script":"a"}}}"#, ["agents.x", "`script`"]),
            (#"{"agents":{"x":{"kind":"scripted"}}}"#, ["agents.x", "`script`"]),
            (#"{"agents":{"x":{"kind":"scripted","script":"none.json"}}}"#, ["agents.x", "none.json", "No such file"]),
            (#"{"agents":{"x":{"kind":"echo","concurency":1}}}"#, ["`concurency`", "`concurrency`"]),
            (#"{"agents":{"x":{"kind":"echo","concurrency":0}}}"#, ["`concurrency`", "from 1"]),
            (#"{"agents":{"x":{"kind":"echo","timeouts":{"total":0}}}}"#, ["agents.x", "timeouts", "`total`"]),
            (#"{"agents":{"x":{"kind":"echo","timeouts":{"totl":1}}}}"#, ["timeouts", "`totl`", "`total`"]),
            (#"{"agents":{"":{"kind":"echo"}}}"#, ["agents", "empty"]),
        ] as [(String, [String])])
    func faults(_ config: String, _ words: [String]) throws {
        let fault = try #require(try problem(config))
        for word in words { #expect(fault.contains(word), "\(fault)") }
        #expect(!fault.contains("\n"))
    }

    @Test(
        "What is wrong in a script is told with both files and the rule",
        arguments: [
            ("{}", ["demo.json", "`rules`"]), ("[", ["demo.json", "JSON"]), (#"{"rules":{}}"#, ["`rules`", "array"]),
            (#"{"rules":[7]}"#, ["rules[0]", "a number"]),
            (#"{"rules":[{"pattern":"a","reply":"b"},{"reply":"x"}]}"#, ["rules[1]", "`pattern`"]),
            (#"{"rules":[{"pattern":"a"}]}"#, ["rules[0]", "`reply`", "`failure`"]),
            (
                #"{"rules":[{"pattern":"a","reply":"x","failure":{"kind":"failed","message":"m"}}]}"#,
                ["rules[0]", "`reply`", "`failure`"]
            ),
            (
                #"{"rules":[{"pattern":"a","failure":{"kind":"broken","message":"m"}}]}"#,
                ["rules[0]", "`kind`", "broken"]
            ),
            (#"{"rules":[{"pattern":"a","failure":{"kind":"failed"}}]}"#, ["rules[0]", "`message`"]),
            (#"{"rules":[{"pattern":"a","reply":"x","delay":1,"gate":"g"}]}"#, ["rules[0]", "`delay`", "`gate`"]),
            (#"{"rules":[{"pattern":"a","reply":"x","delay":-1}]}"#, ["rules[0]", "`delay`"]),
            (#"{"rules":[{"pattern":"a","repyl":"x"}]}"#, ["`repyl`", "`reply`"]),
            (
                #"{"rules":[{"pattern":"a","reply":"x","partial":"y"}]}"#,
                ["rules[0]", "`partial`", "`delay` or `gate`"]
            ),
            (#"{"rules":[{"pattern":"a","reply":"x","delay":1,"partial":7}]}"#, ["rules[0]", "`partial`", "a string"]),
        ] as [(String, [String])])
    func scriptFaults(_ script: String, _ words: [String]) throws {
        let fault = try #require(try problem(scripted(), script: script))
        for word in ["parley.json", "agents.demo"] + words { #expect(fault.contains(word), "\(fault)") }
    }

    @Test("A script is found beside its config, or where its path says")
    func paths() throws {
        let rules = #"{"rules":[{"pattern":"*","reply":"x"}]}"#
        #expect(try load(scripted(), script: rules).agents.first?.agent.kind == .scripted)
        let elsewhere = FileManager.default.temporaryDirectory.appending(
            path: "parley-script-\(UUID().uuidString).json")
        try Data(rules.utf8).write(to: elsewhere)
        defer { try? FileManager.default.removeItem(at: elsewhere) }
        #expect(
            try load(#"{"agents":{"d":{"kind":"scripted","script":"\#(elsewhere.path)"}}}"#).agents.first?.id == "d")
    }

    private func examples(_ document: SchemaDocument) throws -> [JSON] {
        let examples = try #require(JSON.parse(document.text)["examples"]).elements
        try #require(!examples.isEmpty)
        return examples
    }

    @Test("The published examples of configs, scripts and words can be used")
    func published() throws {
        for config in try examples(.config) {
            for script in try examples(.script) {
                for words in try examples(.words) {
                    #expect(
                        try problem(
                            JSONFragment(config).text, script: JSONFragment(script).text,
                            words: JSONFragment(words).text) == nil)
                }
            }
        }
    }

    @Test("The words that are built in are read whole")
    func builtInWords() throws {
        let json = try JSON.parse(SchemaDocument.builtInWords.text)
        let words = Configuration.builtInWords
        #expect(words.sentiment.negative.count == json["sentiment"]?["negative"]?.count)
        #expect(words.topics.map(\.name) == ["technical", "billing", "account", "product"])
        #expect(words.budget.things.count == json["budget"]?["things"]?.count && words.budget.things.count > 40)
        let file = String(decoding: SchemaDocument.builtInWords.text, as: UTF8.self)
        #expect(try load(#"{"insight":{"words":"words.json"}}"#, words: file).words == words)
        #expect(try load(#"{"insight":{"words":"words.json"}}"#, words: "{}").words == words)
        #expect(try load("{}").words == nil)
    }
}
