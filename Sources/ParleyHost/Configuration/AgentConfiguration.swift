import Agents
import JSONRPC
import Jansson

/// One agent of a config.
extension Configuration {
    private static let kindKey = Parameter<AgentKind>.required("kind", .word())
    private static let nameKey = Parameter<Text?>.optional("name", .string)
    private static let scriptKey = Parameter<Text?>.optional("script", .string)
    private static let showsKey = Parameter<EchoAgent.Shows?>.optional("shows", .word())
    private static let organizationKey = Parameter<Text?>.optional("organizationId", .string)
    private static let projectKey = Parameter<Text?>.optional("projectId", .string)
    private static let concurrencyKey = Parameter<Int?>.optional("concurrency", .integer(1...100_000))
    private static let timeoutsKey = Parameter<JSON?>.optional("timeouts", .objectView)
    private static let firstTokenKey = Parameter<Double?>.optional("firstToken", .seconds)
    private static let idleKey = Parameter<Double?>.optional("idle", .seconds)
    private static let totalKey = Parameter<Double?>.optional("total", .seconds)
    private static let windowKey = Parameter<JSON?>.optional("window", .objectView)
    private static let messagesKey = Parameter<Int?>.optional("messages", .integer(1...10_000))
    private static let tokensKey = Parameter<Int?>.optional("tokens", .integer(1...10_000_000))

    private static let allKeys: ParameterList = [
        kindKey.declaration, nameKey.declaration, organizationKey.declaration, projectKey.declaration,
        concurrencyKey.declaration, windowKey.declaration, timeoutsKey.declaration, scriptKey.declaration,
        showsKey.declaration, ProgramKeys.command.declaration, ProgramKeys.environment.declaration,
        ProgramKeys.settings.declaration, ServerKeys.baseUrl.declaration, ServerKeys.model.declaration,
        ServerKeys.apiKey.declaration, ServerKeys.parameters.declaration, ServerKeys.remoteAgent.declaration,
        ServerKeys.retryPause.declaration,
    ]

    /// Of keys that not every agent has, those that agents of a kind have.
    private static func ownKeys(_ kind: AgentKind) -> Set<Text> {
        switch kind {
        case .echo: ["shows"]
        case .scripted: ["script"]
        case .exec: ["command", "environment"]
        case .plugin: ["command", "environment", "settings"]
        case .openai, .anthropic: ["environment", "baseUrl", "model", "apiKey", "parameters", "retryPause"]
        case .llmCrafter: ["environment", "baseUrl", "apiKey", "remoteAgentId", "retryPause"]
        }
    }

    private static let commonKeys: Set<Text> = [
        "kind", "name", "organizationId", "projectId", "concurrency", "window", "timeouts", "_meta",
    ]

    static func agent(
        _ id: Text, _ json: JSON, _ context: ConfigurationContext
    ) throws(RPCError) -> AgentRegistry.Entry {
        let place = "agents.\(id)"
        return try at(place) { () throws(RPCError) in
            if id.isEmpty { throw RPCError(.invalidParams, "an agent's id must not be empty.") }
            guard json.isObject else {
                throw RPCError(.invalidParams, "an agent is an object, not \(json.article).")
            }
            let keys = try Parameters(json, declared: allKeys, noun: "key")
            let kind = try keys[kindKey]
            let own = ownKeys(kind)
            for (name, _) in json.members where !own.contains(Text(name)) && !commonKeys.contains(Text(name)) {
                throw RPCError(.invalidParams, "an agent of the kind `\(kind.rawValue)` has no `\(Text(name))`.")
            }
            return AgentRegistry.Entry(
                id: id, name: try keys[nameKey] ?? id, agent: try agent(kind, id, place, keys, context),
                organizationId: try keys[organizationKey], projectId: try keys[projectKey],
                concurrency: try keys[concurrencyKey] ?? kind.usualConcurrency,
                timeouts: try timeouts(try keys[timeoutsKey], kind), window: try window(try keys[windowKey]))
        }
    }

    private static func agent(
        _ kind: AgentKind, _ id: Text, _ place: String, _ keys: Parameters, _ context: ConfigurationContext
    ) throws(RPCError) -> any Agent {
        switch kind {
        case .echo: return EchoAgent(shows: try keys[showsKey] ?? .prompt)
        case .scripted:
            guard let script = try keys[scriptKey] else {
                throw RPCError(.invalidParams, "`script` is missing: the path of its rules.")
            }
            return ScriptedAgent(
                script: try loadScript(context.path(script)), environment: context.environment)
        case .exec:
            return ExecAgent(id: id, program: try program(place, keys, context), environment: context.environment)
        case .plugin:
            let program = try program(place, keys, context)
            return PluginAgent(kind, id: id, plugin: context.plugin(id, program, settings: try settings(keys)))
        case .openai, .anthropic, .llmCrafter:
            let organization = (try keys[organizationKey], try keys[projectKey])
            let settings = try serverSettings(kind, place, keys, organization: organization, context)
            let program = try serverProgram(place, keys, context)
            return PluginAgent(kind, id: id, plugin: context.plugin(id, program, settings: settings))
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

    private static func timeouts(_ json: JSON?, _ kind: AgentKind) throws(RPCError) -> AgentRegistry.Timeouts {
        try at("timeouts") { () throws(RPCError) in
            let keys = try Parameters(
                json, declared: [firstTokenKey.declaration, idleKey.declaration, totalKey.declaration], noun: "key")
            return AgentRegistry.Timeouts(
                firstToken: try keys[firstTokenKey], idle: try keys[idleKey],
                total: try keys[totalKey] ?? kind.usualSeconds)
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

extension AgentKind {
    fileprivate var usualConcurrency: Int {
        switch self {
        case .echo, .scripted, .plugin: 1000
        case .exec, .openai, .anthropic, .llmCrafter: 4
        }
    }

    /// In total; a program that never answers must not hold its conversation for ever.
    fileprivate var usualSeconds: Double? {
        switch self {
        case .echo, .scripted: nil
        case .exec, .plugin, .openai, .anthropic, .llmCrafter: 600
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
