import Agents
import JSONRPC
import Jansson

/// A scripted agent's rules: schemas/script.schema.json.
extension Configuration {
    private static let rulesKey = Parameter<JSON>.required(
        "rules", Shape("an array of rules", schema: ["type": .string("array")]) { $0.kind == .array ? $0 : nil })
    private static let patternKey = Parameter<Text>.required("pattern", .string)
    private static let replyKey = Parameter<Text?>.optional("reply", .string)
    private static let toolsKey = Parameter<[Text]>.optional("tools_used", .strings, default: [])
    private static let usageKey = Parameter<JSON?>.optional("usage", .objectView)
    private static let delayKey = Parameter<Double>.optional("delay", .delay, default: 0)
    private static let gateKey = Parameter<Text?>.optional("gate", .string)
    private static let partialKey = Parameter<Text?>.optional("partial", .string)
    private static let failureKey = Parameter<JSON?>.optional("failure", .objectView)
    private static let failureKindKey = Parameter<AgentFailure.Kind>.required("kind", .word())
    private static let failureMessageKey = Parameter<Text>.required("message", .string)

    static func loadScript(_ path: String) throws(RPCError) -> Script {
        do throws(ConfigurationError) {
            let json = try loadJSON(path)
            return try inFile(path) { () throws(RPCError) in
                let keys = try Parameters(json, declared: [rulesKey.declaration], noun: "key")
                var rules: [Script.Rule] = []
                for (index, rule) in try keys[rulesKey].elements.enumerated() {
                    rules.append(try at("rules[\(index)]") { () throws(RPCError) in try self.rule(rule) })
                }
                return Script(rules: rules)
            }
        } catch {
            throw RPCError(.invalidParams, error.description)
        }
    }

    private static func rule(_ json: JSON) throws(RPCError) -> Script.Rule {
        guard json.isObject else { throw RPCError(.invalidParams, "a rule is an object, not \(json.article).") }
        let keys = try Parameters(
            json,
            declared: [
                patternKey.declaration, replyKey.declaration, toolsKey.declaration, usageKey.declaration,
                delayKey.declaration, gateKey.declaration, partialKey.declaration, failureKey.declaration,
            ], noun: "key")
        let outcome: AgentOutcome
        switch (try keys[replyKey], try keys[failureKey]) {
        case (let reply?, nil):
            let usage = try keys[usageKey].map { AgentReply.Usage($0) }
            outcome = .replied(AgentReply(response: reply, toolsUsed: try keys[toolsKey], usage: usage))
        case (nil, let failure?):
            let keys = try Parameters(
                failure, declared: [failureKindKey.declaration, failureMessageKey.declaration], noun: "key")
            outcome = .failed(AgentFailure(try keys[failureKindKey], try keys[failureMessageKey].description))
        default: throw RPCError(.invalidParams, "a rule has either `reply` or `failure`.")
        }
        let hold: Script.Hold
        let delay = try keys[delayKey]
        switch try keys[gateKey] {
        case let gate? where delay == 0: hold = .gate(gate)
        case .some: throw RPCError(.invalidParams, "a rule has either `delay` or `gate`.")
        case nil: hold = delay > 0 ? .delay(seconds: delay) : .none
        }
        let partial = try keys[partialKey]
        if partial != nil, case .none = hold {
            throw RPCError(.invalidParams, "`partial` is what is said before a `delay` or `gate`, and there is none.")
        }
        return Script.Rule(pattern: try keys[patternKey], hold: hold, partial: partial, outcome: outcome)
    }
}
