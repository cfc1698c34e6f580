import Agents
import Jansson
import ParleyHost
import Testing

@Suite("Hooks of a config") struct HookConfigurationTests {
    private let folder: ConfigFolder

    init() throws { folder = try ConfigFolder() }

    private static let hook = #"{"command":["./x"],"environment":["HOME"],"settings":{"a":1},"timeout":0.5}"#

    @Test("Where nothing is said there are none")
    func none() throws {
        for config in ["{}", #"{"insight":{}}"#, #"{"insight":{"types":{}}}"#] {
            let configuration = try folder.load(config)
            #expect(configuration.hooks.sentiment == nil && configuration.hooks.topics == nil)
            #expect(configuration.hooks.types.isEmpty && configuration.profiles == nil)
            #expect(configuration.requirements.isEmpty)
        }
    }

    @Test("Each may be there by itself, and all of them together")
    func each() throws {
        let sentiment = try folder.load(#"{"insight":{"sentiment":\#(Self.hook)}}"#).hooks
        #expect(sentiment.sentiment != nil && sentiment.topics == nil && sentiment.types.isEmpty)
        let topics = try folder.load(#"{"insight":{"topics":{"command":["x"]}}}"#).hooks
        #expect(topics.sentiment == nil && topics.topics != nil && topics.types.isEmpty)
        let all = try folder.load(
            #"""
            {"profiles":\#(Self.hook),"insight":{"sentiment":\#(Self.hook),"topics":\#(Self.hook),
            "types":{"onboarding":\#(Self.hook),"a.b_c-1":{"command":["x"]}}}}
            """#)
        #expect(all.hooks.sentiment != nil && all.hooks.topics != nil)
        #expect(all.hooks.types.keys.sorted() == ["a.b_c-1", "onboarding"])
        guard case .plugin = all.profiles else {
            Issue.record("\(String(describing: all.profiles))")
            return
        }
        #expect(
            all.requirements.map(\.place) == [
                "profiles", "insight.sentiment", "insight.topics", "insight.types.onboarding", "insight.types.a.b_c-1",
            ])
    }

    @Test("Profiles come from a file or a plugin")
    func profiles() throws {
        guard case .file(let path) = try folder.load(#"{"profiles":{"file":"known.json"}}"#).profiles else {
            Issue.record("no file")
            return
        }
        #expect(path == "\(folder.folder.path)/known.json")
    }

    private static let either = "profiles: it has either a `file` or a `command`."
    private static let command = #"`command` is missing: the program and its arguments, such as ["./agent.py"]."#
    private static let naming =
        "can't name a type: up to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit."

    @Test(
        "What is wrong is told with its place",
        arguments: [
            (#""profiles":{}"#, either), (#""profiles":{"file":"a","command":["x"]}"#, either),
            (#""profiles":{"file":"a","timeout":1}"#, either), (#""profiles":{"timeout":1}"#, either),
            (#""profiles":{"fille":"a"}"#, "profiles: There is no key `fille`: did you mean `file`?"),
            (#""profiles":"a.json""#, #"`profiles` must be an object, not `"a.json"`."#),
            (#""insight":{"sentiment":7}"#, "insight: `sentiment` must be an object, not `7`."),
            (#""insight":{"sentiment":{}}"#, "insight: sentiment: \(command)"),
            (#""insight":{"topics":{"environment":[]}}"#, "insight: topics: \(command)"),
            (
                #""insight":{"topics":{"command":["x"],"file":"a"}}"#,
                "insight: topics: There is no key `file`: known are `command`, `environment`, `settings`, `timeout`."
            ),
            (
                #""insight":{"sentiment":{"command":["x"],"timeout":0}}"#,
                "insight: sentiment: `timeout` must be a number of seconds over 0, not `0`."
            ),
            (
                #""insight":{"sentiment":{"command":["x"],"timeout":"5"}}"#,
                #"insight: sentiment: `timeout` must be a number of seconds over 0, not `"5"`."#
            ),
            (
                #""insight":{"topics":{"command":["x"],"settings":7}}"#,
                "insight: topics: `settings` must be an object, not `7`."
            ),
            (#""insight":{"types":[]}"#, "insight: `types` must be an object, not `[]`."),
            (#""insight":{"types":{"onboarding":7}}"#, "insight: types: onboarding: it is an object, not a number."),
            (#""insight":{"types":{"onboarding":{}}}"#, "insight: types: onboarding: \(command)"),
            (
                #""insight":{"types":{"sales":{"command":["x"]}}}"#,
                "insight: types: `sales` is built in: a type of your own needs another name."
            ),
            (
                #""insight":{"types":{"general":{"command":["x"]}}}"#,
                "insight: types: `general` is built in: a type of your own needs another name."
            ),
            (#""insight":{"types":{"":{"command":["x"]}}}"#, "insight: types: `` \(naming)"),
            (#""insight":{"types":{"-a":{"command":["x"]}}}"#, "insight: types: `-a` \(naming)"),
            (#""insight":{"types":{"a b":{"command":["x"]}}}"#, "insight: types: `a b` \(naming)"),
            (#""insight":{"types":{"ä":{"command":["x"]}}}"#, "insight: types: `ä` \(naming)"),
        ])
    func faults(_ config: String, _ sentence: String) {
        #expect(folder.problem("{\(config)}") == "parley.json: \(sentence)")
    }

    @Test("A type's name has up to 64 bytes", arguments: [(64, true), (65, false)])
    func longNames(_ length: Int, _ isName: Bool) {
        let config = #"{"insight":{"types":{"\#(String(repeating: "a", count: length))":{"command":["x"]}}}}"#
        #expect((folder.problem(config) == nil) == isName)
    }
}
