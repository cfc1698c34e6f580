import Agents
import Conversations
import JSONRPC
import Jansson

/// Agents outside of conversations.
enum AgentMethods {
    private static let agentId = Parameter<Text?>.optional("agentId", .string)
    private static let prompt = Parameter<Text>.required("prompt", .string)
    private static let context = Parameter<Members>.optional("context", .object, default: Members())
    private static let messages = Parameter<JSON?>.optional("messages", .messages)

    static let list = Method("agent/list") { (host, call, _) throws(RPCError) in
        host.answer(call) { writer in
            writer.beginObject()
            writer.key("agents")
            writer.beginArray()
            for entry in host.registry.entries {
                writer.agent(entry, isDefault: entry.id == host.registry.defaultAgent)
            }
            writer.endArray()
            writer.endObject()
        }
    }

    static let execute = Method(
        "agent/execute", [agentId.declaration, prompt.declaration, context.declaration, messages.declaration]
    ) { (host, call, params) throws(RPCError) in
        let execution = Execution(
            id: host.identifiers.next(.execution, at: host.options.clock.now()),
            agent: try host.agent(try params[agentId]), prompt: try params[prompt],
            context: JSONFragment { [context = try params[context]] in $0.object(context) },
            messages: try params[messages]?.elements.compactMap { ChatMessage($0) } ?? [], call: call)
        host.submit(execution)
    }
}

extension Shape where Value == JSON {
    /// [{role, content}]
    fileprivate static let messages = Shape(
        "an array of messages {role, content}", schema: ["type": .string("array")]
    ) { json in
        let areMessages = json.elements.allSatisfy { message in
            message.isObject && message.count == 2 && ChatMessage(message) != nil
        }
        return json.kind == .array && areMessages ? json : nil
    }
}

extension ChatMessage {
    fileprivate init?(_ json: JSON) {
        guard let role = json["role"]?.text.flatMap({ Role(rawValue: $0.description) }),
            let content = json["content"]?.text
        else { return nil }
        self.init(role, content)
    }
}

/// An agent at work for no conversation.
final class Execution {
    let id: Text
    let agent: RegisteredAgent
    let prompt: Text
    let context: JSONFragment
    let messages: [ChatMessage]
    let call: Call
    var startedAt: Int64 = 0
    var hasSlot = false
    var cancel: (@Sendable () -> Void)?
    var timers: [Int] = []

    init(
        id: Text, agent: RegisteredAgent, prompt: Text, context: JSONFragment, messages: [ChatMessage], call: Call
    ) {
        self.id = id
        self.agent = agent
        self.prompt = prompt
        self.context = context
        self.messages = messages
        self.call = call
    }
}

extension Host {
    fileprivate func submit(_ execution: Execution) {
        let id = execution.id
        executions[id] = execution
        waits(execution.call) { self.finish(id, .cancelled("The execution was cancelled.")) }
        if execution.agent.takeSlot(for: { self.begin(execution) }) { begin(execution) }
    }

    private func begin(_ execution: Execution) {
        let id = execution.id
        execution.hasSlot = true
        guard executions[id] != nil else {
            release(execution)
            return
        }
        execution.startedAt = options.clock.monotonic()
        let agentId = execution.agent.id
        let request = AgentRequest(
            executionId: id, prompt: execution.prompt, context: execution.context, messages: execution.messages)
        let begun = execution.agent.agent.execute(request) { [loop] outcome in
            loop.post { host in
                host.options.clock.tick()
                host.finish(id, TurnOutcome(outcome, agentId))
            }
        }
        switch begun {
        case .finished(let outcome):
            options.clock.tick()
            finish(id, TurnOutcome(outcome, agentId))
        case .running(let cancel):
            execution.cancel = cancel
            execution.timers = execution.agent.timeouts.untilReply.map { limit, seconds in
                loop.after(nanoseconds: Int64(seconds * 1e9)) { host in
                    host.finish(id, .failed(.agentTimeout(agentId, limit: limit, seconds: seconds)))
                }
            }
        }
    }

    private func finish(_ id: Text, _ outcome: TurnOutcome) {
        guard let execution = executions.removeValue(forKey: id) else { return }
        for timer in execution.timers { loop.cancelTimer(timer) }
        switch outcome {
        case .replied(let reply):
            let elapsed = (options.clock.monotonic() - execution.startedAt) / 1_000_000
            answer(execution.call) { writer in
                writer.beginObject()
                writer.member("executionId", id)
                writer.member("response", reply.response)
                writer.key("metadata")
                writer.replyMetadata(reply, executionId: id, agentId: execution.agent.id, milliseconds: elapsed)
                writer.endObject()
            }
        case .failed(let error):
            execution.cancel?()
            answer(execution.call, error)
        case .cancelled(let reason):
            execution.cancel?()
            answer(execution.call, .cancelled(reason))
        }
        release(execution)
    }

    private func release(_ execution: Execution) {
        guard execution.hasSlot else { return }
        execution.hasSlot = false
        if let next = execution.agent.releaseSlot() { afterwards.append(next) }
    }
}

extension JSONWriter {
    fileprivate mutating func agent(_ entry: AgentRegistry.Entry, isDefault: Bool) {
        beginObject()
        member("id", entry.id)
        member("name", entry.name)
        key("kind")
        string(entry.agent.kind.rawValue)
        member("organizationId", entry.organizationId)
        member("projectId", entry.projectId)
        key("default")
        boolean(isDefault)
        key("state")
        string("ready")
        member("capabilities", [])
        endObject()
    }
}
