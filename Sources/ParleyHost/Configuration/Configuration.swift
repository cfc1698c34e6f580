import Agents
import Insight
import JSONRPC
import Jansson

/// What a config file says: schemas/config.schema.json in memory.
package struct Configuration: Sendable {
    package var defaultAgent: Text
    package var userId: Text?
    package var welcome: Text?
    package var agents: [AgentRegistry.Entry]
    package var profiles: Profiles?
    /// Nil for the words that are built in.
    package var words: WordList?
    package var hooks = Hooks()
    /// What its agents and hooks need that may be missing.
    package var requirements: [Requirement] = []

    /// What holds without a config: the echo agent.
    package static let builtIn = Configuration(defaultAgent: "echo", agents: [echo])

    private static let echo = AgentRegistry.Entry(id: "echo", name: "Echo", agent: EchoAgent())

    package var registry: AgentRegistry { AgentRegistry(entries: agents, defaultAgent: defaultAgent) }
}

/// A config that can't be used: one line with the file and the place in it.
package struct ConfigurationError: Error, CustomStringConvertible {
    package let description: String
}

extension Configuration {
    private static let defaultAgentKey = Parameter<Text?>.optional("defaultAgent", .string)
    private static let userIdKey = Parameter<Text?>.optional("userId", .string)
    private static let welcomeKey = Parameter<Text?>.optional("welcome", .string)
    private static let agentsKey = Parameter<JSON?>.optional("agents", .objectView)
    private static let profilesKey = Parameter<JSON?>.optional("profiles", .objectView)
    private static let insightKey = Parameter<JSON?>.optional("insight", .objectView)

    /// Reads a config. Paths in it count from its folder.
    package static func load(
        _ path: String, environment: any AgentEnvironment
    ) throws(ConfigurationError) -> Configuration {
        let json = try loadJSON(path)
        let context = ConfigurationContext(path, environment)
        return try inFile(path) { () throws(RPCError) in
            let keys = try Parameters(
                json,
                declared: [
                    defaultAgentKey.declaration, userIdKey.declaration, welcomeKey.declaration, agentsKey.declaration,
                    profilesKey.declaration, insightKey.declaration,
                ], noun: "key")
            var agents: [AgentRegistry.Entry] = []
            if let given = try keys[agentsKey] {
                for (id, value) in given.members {
                    agents.append(try agent(Text(id), value, context))
                }
            }
            if !agents.contains(where: { $0.id == echo.id }) { agents.append(echo) }
            let defaultAgent = try keys[defaultAgentKey] ?? echo.id
            guard agents.contains(where: { $0.id == defaultAgent }) else {
                let known = agents.map { "`\($0.id)`" }.joined(separator: ", ")
                throw RPCError(.invalidParams, "`defaultAgent` names `\(defaultAgent)`; known are \(known).")
            }
            let profiles = try profiles(try keys[profilesKey], context)
            let (words, hooks) = try insight(try keys[insightKey], context)
            return Configuration(
                defaultAgent: defaultAgent, userId: try keys[userIdKey], welcome: try keys[welcomeKey], agents: agents,
                profiles: profiles, words: words, hooks: hooks, requirements: context.requirements)
        }
    }

    static func loadJSON(_ path: String) throws(ConfigurationError) -> JSON {
        do throws(FileFault) {
            let json = try JSON.load(path)
            if json.isObject { return json }
            throw FileFault("it must hold an object, not \(json.article)")
        } catch {
            throw ConfigurationError(description: "\(path): \(error)")
        }
    }

    static func inFile<Result>(
        _ path: String, _ body: () throws(RPCError) -> Result
    ) throws(ConfigurationError) -> Result {
        do throws(RPCError) {
            return try body()
        } catch {
            throw ConfigurationError(description: "\(path): \(error.message)")
        }
    }
}
