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
            let given = try host.given(conversation, log, prompt: prompt, to: agent, needs: [.context, .messages])
            host.answer(call, about: conversation) { writer in
                writer.beginObject()
                writer.members(
                    of: AgentRequest(
                        executionId: "", prompt: prompt ?? "", context: given.context, messages: given.messages,
                        instructions: given.instructions), hasPrompt: prompt != nil)
                writer.key("estimatedTokens")
                writer.integer(given.estimatedTokens)
                writer.endObject()
            }
        }
    }
}
