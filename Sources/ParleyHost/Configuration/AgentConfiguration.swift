import Agents
import JSONRPC
import Jansson

/// One agent of a config.
extension Configuration {
    private enum Kind: String, CaseIterable { case echo, scripted }

    private static let kindKey = Parameter<Kind>.required("kind", .word())
    private static let nameKey = Parameter<Text?>.optional("name", .string)
    private static let scriptKey = Parameter<Text?>.optional("script", .string)
    private static let showsKey = Parameter<EchoAgent.Shows?>.optional("shows", .word())
    private static let organizationKey = Parameter<Text?>.optional("organizationId", .string)
    private static let projectKey = Parameter<Text?>.optional("projectId", .string)
    private static let concurrencyKey = Parameter<Int>.optional("concurrency", .integer(1...100_000), default: 1000)
    private static let timeoutsKey = Parameter<JSON?>.optional("timeouts", .objectView)
    private static let firstTokenKey = Parameter<Double?>.optional("firstToken", .seconds)
    private static let idleKey = Parameter<Double?>.optional("idle", .seconds)
    private static let totalKey = Parameter<Double?>.optional("total", .seconds)
    private static let windowKey = Parameter<JSON?>.optional("window", .objectView)
    private static let messagesKey = Parameter<Int?>.optional("messages", .integer(1...10_000))
    private static let tokensKey = Parameter<Int?>.optional("tokens", .integer(1...10_000_000))

    static func agent(
        _ id: Text, _ json: JSON, folder: String, environment: any AgentEnvironment
    ) throws(RPCError) -> AgentRegistry.Entry {
        try at("agents.\(id)") { () throws(RPCError) in
            if id.isEmpty { throw RPCError(.invalidParams, "an agent's id must not be empty.") }
            guard json.isObject else {
                throw RPCError(.invalidParams, "an agent is an object, not \(json.article).")
            }
            let keys = try Parameters(
                json,
                declared: [
                    kindKey.declaration, nameKey.declaration, scriptKey.declaration, showsKey.declaration,
                    organizationKey.declaration, projectKey.declaration, concurrencyKey.declaration,
                    windowKey.declaration, timeoutsKey.declaration,
                ], noun: "key")
            let script = try keys[scriptKey]
            let agent: any Agent
            let shows = try keys[showsKey]
            switch (try keys[kindKey], script) {
            case (.echo, nil): agent = EchoAgent(shows: shows ?? .prompt)
            case (.scripted, _) where shows != nil:
                throw RPCError(.invalidParams, "a scripted agent has no `shows`.")
            case (.echo, .some): throw RPCError(.invalidParams, "an echo agent has no `script`.")
            case (.scripted, nil): throw RPCError(.invalidParams, "`script` is missing: the path of its rules.")
            case (.scripted, let name?):
                agent = ScriptedAgent(script: try loadScript(path(name, in: folder)), environment: environment)
            }
            return AgentRegistry.Entry(
                id: id, name: try keys[nameKey] ?? id, agent: agent, organizationId: try keys[organizationKey],
                projectId: try keys[projectKey], concurrency: try keys[concurrencyKey],
                timeouts: try timeouts(try keys[timeoutsKey]), window: try window(try keys[windowKey]))
        }
    }

    private static func window(_ json: JSON?) throws(RPCError) -> AgentRegistry.Window {
        try at("window") { () throws(RPCError) in
            let keys = try Parameters(json, declared: [messagesKey.declaration, tokensKey.declaration], noun: "key")
            var window = AgentRegistry.Window()
            if let messages = try keys[messagesKey] { window.messages = messages }
            if let tokens = try keys[tokensKey] { window.tokens = tokens }
            return window
        }
    }

    private static func timeouts(_ json: JSON?) throws(RPCError) -> AgentRegistry.Timeouts {
        try at("timeouts") { () throws(RPCError) in
            let keys = try Parameters(
                json, declared: [firstTokenKey.declaration, idleKey.declaration, totalKey.declaration], noun: "key")
            return AgentRegistry.Timeouts(
                firstToken: try keys[firstTokenKey], idle: try keys[idleKey], total: try keys[totalKey])
        }
    }

    /// Puts the place in front of what is wrong there.
    static func at<Result>(_ place: String, _ body: () throws(RPCError) -> Result) throws(RPCError) -> Result {
        do throws(RPCError) {
            return try body()
        } catch {
            throw RPCError(error.kind, "\(place): \(error.message)", error.data)
        }
    }
}

extension Shape where Value == Double {
    static let seconds = Shape(
        "a number of seconds over 0", schema: ["type": .string("number")]
    ) { json in json.number.flatMap { $0 > 0 && $0 <= 1e9 ? $0 : nil } }

    static let delay = Shape(
        "a number of seconds, 0 or more", schema: ["type": .string("number")]
    ) { json in json.number.flatMap { $0 >= 0 && $0 <= 1e9 ? $0 : nil } }
}
