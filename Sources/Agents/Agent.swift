import Conversations
import Jansson

/// Something that answers prompts.
package protocol Agent: Sendable {
    var kind: AgentKind { get }
    /// What it looks at besides the prompt.
    var needs: AgentNeeds { get }

    /// Begins to answer and returns at once. Where it returns `.running`, `report` is called exactly once, from any
    /// thread, unless the execution is cancelled first.
    func execute(_ request: AgentRequest, report: @escaping @Sendable (AgentOutcome) -> Void) -> AgentExecution
}

package enum AgentKind: String, Sendable { case echo, scripted }

/// What an agent looks at of a conversation: what it doesn't, it is not given, which spares reading it.
package struct AgentNeeds: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let context = AgentNeeds(rawValue: 1)
    package static let messages = AgentNeeds(rawValue: 2)
}

/// What an agent is asked.
package struct AgentRequest: Sendable {
    package let executionId: Text
    package let prompt: Text
    /// One object: docs/insight.md.
    package let context: JSONFragment
    /// The history for a chat model, the prompt's message with it, the oldest first.
    package let messages: [ChatMessage]
    package let instructions: Text?

    package init(
        executionId: Text, prompt: Text, context: JSONFragment = .emptyObject, messages: [ChatMessage] = [],
        instructions: Text? = nil
    ) {
        self.executionId = executionId
        self.prompt = prompt
        self.context = context
        self.messages = messages
        self.instructions = instructions
    }
}

/// A message as chat models take it.
package struct ChatMessage: Equatable, Sendable {
    package let role: Role
    package let content: Text

    package init(_ role: Role, _ content: Text) {
        self.role = role
        self.content = content
    }
}

extension JSONWriter {
    /// Of the object that is open: prompt?, context, messages, instructions?
    ///
    /// - Parameter hasPrompt: whether the prompt is more than nothing.
    package mutating func members(of request: AgentRequest, hasPrompt: Bool = true) {
        if hasPrompt { member("prompt", request.prompt) }
        key("context")
        value(request.context)
        key("messages")
        beginArray()
        for message in request.messages {
            beginObject()
            key("role")
            string(message.role.rawValue)
            member("content", message.content)
            endObject()
        }
        endArray()
        member("instructions", request.instructions)
    }
}

package enum AgentExecution {
    /// Answered within the call.
    case finished(AgentOutcome)
    /// Under way. After `cancel` the outcome is no longer wanted.
    case running(cancel: @Sendable () -> Void)
}

package enum AgentOutcome: Sendable {
    case replied(AgentReply)
    case failed(AgentFailure)
}

package struct AgentReply: Sendable {
    package var response: Text
    package var toolsUsed: [Text]
    package var usage: Usage?

    package init(response: Text, toolsUsed: [Text] = [], usage: Usage? = nil) {
        self.response = response
        self.toolsUsed = toolsUsed
        self.usage = usage
    }

    /// What an execution took.
    package struct Usage: Sendable {
        package let tokens: TokenUsage
        /// {input_tokens, output_tokens, cached_tokens?, cost?} as the agent reported it.
        package let reported: JSONFragment

        package init(_ json: JSON) {
            tokens = TokenUsage(json)
            reported = JSONFragment(json)
        }
    }
}

package struct AgentFailure: Error, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// It answered with an error or broke.
        case failed
        /// What it needs is missing.
        case unavailable
        /// It was not done in time.
        case timeout
    }

    package let kind: Kind
    /// One sentence for people.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

/// What agents need of the host: its time, so that it can be a virtual one, and gates that tests hold them at.
package protocol AgentEnvironment: Sendable {
    /// Calls `body` after that many seconds, unless the function that this returns is called before.
    func after(seconds: Double, _ body: @escaping @Sendable () -> Void) -> @Sendable () -> Void

    /// Calls `body` when the gate is released, at once where it is already, unless the function that this returns is
    /// called before. Nil where nobody could release it.
    func atGate(_ name: Text, _ body: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)?
}
