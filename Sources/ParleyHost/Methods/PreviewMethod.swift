import Agents
import JSONRPC
import Jansson

/// What an agent would be given, without asking one.
enum PreviewMethod {
    private static let prompt = Parameter<Text?>.optional("prompt", .string)

    static let preview = Method(
        "context/preview", [Common.conversationId.declaration, prompt.declaration]
    ) { (host, call, params) throws(RPCError) in
        let prompt = try params[prompt]
        host.withConversation(try params[Common.conversationId], for: .reading, counting: true, call) {
            conversation, log throws(RPCError) in
            let agent = try host.agent(log.agentId)
            let given = try host.given(conversation, log, prompt: prompt, to: agent, needs: .everything)
            guard let (typed, hook) = log.ofOwnType(host.options.hooks) else {
                host.answer(call, about: conversation) { $0.preview(given, prompt) }
                return
            }
            let cancel = host.complete(given, of: typed, by: hook, prompt: prompt) { host, given in
                if host.isWaiting(call) { host.answer(call) { $0.preview(given, prompt) } }
            }
            host.waits(call) {
                host.answer(call, .cancelled("The request was cancelled."))
                cancel()
            }
        }
    }
}

extension JSONWriter {
    /// {prompt?, context, messages, instructions?, estimatedTokens}
    fileprivate mutating func preview(_ given: Given, _ prompt: Text?) {
        beginObject()
        members(
            of: AgentRequest(
                executionId: "", prompt: prompt ?? "", context: given.context, messages: given.messages,
                instructions: given.instructions), hasPrompt: prompt != nil)
        key("estimatedTokens")
        integer(given.estimatedTokens)
        endObject()
    }
}
