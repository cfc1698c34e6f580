import Agents
import Conversations
import JSONRPC
import Jansson

/// Agents outside of conversations.
enum AgentMethods {
    private static let agentId = Parameter<Text?>.optional("agentId", .string)
    private static let prompt = Parameter<Text>.required("prompt", .string)
    private static let context = Parameter<Members>.optional("context", .object, default: Members())
    private static let stream = Parameter<Bool>.optional("stream", .boolean, default: false)
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
        "agent/execute",
        [
            agentId.declaration, prompt.declaration, context.declaration, messages.declaration, stream.declaration,
        ]
    ) { (host, call, params) throws(RPCError) in
        let agent = try host.agent(try params[agentId])
        let execution = Execution(
            id: host.identifiers.next(.execution, at: host.options.clock.now()), agent: agent,
            prompt: try params[prompt],
            context: JSONFragment { [context = try params[context]] in $0.object(context) },
            messages: try params[messages]?.elements.compactMap { ChatMessage($0) } ?? [], call: call,
            telling: host.telling(agent))
        if try params[stream] { execution.stream.watchers = [call] }
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
    var timers = ReplyTimers()
    let stream: ReplyStream

    init(
        id: Text, agent: RegisteredAgent, prompt: Text, context: JSONFragment, messages: [ChatMessage], call: Call,
        telling: ReplyStream.Telling
    ) {
        self.id = id
        self.agent = agent
        self.prompt = prompt
        self.context = context
        self.messages = messages
        self.call = call
        stream = ReplyStream(.execution(id), isOpen: true, telling: telling)
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
        let begun = execution.agent.agent.execute(request) { [loop] report in
            loop.deliver { host in host.reported(report, by: id) }
        }
        switch begun {
        case .finished(let outcome):
            options.clock.tick()
            finish(id, TurnOutcome(outcome, agentId))
        case .running(let cancel):
            execution.cancel = cancel
            execution.timers.start(execution.agent.timeouts, execution.stream.subject, loop)
        }
    }

    private func reported(_ report: AgentReport, by id: Text) {
        guard let execution = executions[id] else { return }
        switch report {
        case .ended(let outcome):
            options.clock.tick()
            finish(id, TurnOutcome(outcome, execution.agent.id))
        case .piece(let piece):
            execution.timers.heard(execution.agent.timeouts, execution.stream.subject, loop)
            if take(piece, into: execution.stream) { return }
            finish(id, .failed(.saidTooMuch(execution.agent.id)))
        }
    }

    func finish(_ id: Text, _ outcome: TurnOutcome) {
        guard let execution = executions.removeValue(forKey: id) else { return }
        execution.timers.cancel(loop)
        if case .replied(let reply) = outcome { execution.stream.complete(reply.response) }
        tellPieces(of: execution.stream)
        let partial = execution.stream.text
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
            answer(execution.call, error.with(partial: partial))
        case .cancelled(let reason):
            execution.cancel?()
            answer(execution.call, .cancelled(reason).with(partial: partial))
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
        let standing = entry.agent.standing
        key("state")
        string(standing.state.rawValue)
        member("capabilities", standing.capabilities)
        endObject()
    }
}
