import Conversations
import Jansson

/// Something that answers prompts.
package protocol Agent: Sendable {
    var kind: AgentKind { get }
    /// What it looks at besides the prompt.
    var needs: AgentNeeds { get }
    /// How it is now, for people, and what it said that it can.
    var standing: AgentStanding { get }

    /// Begins to answer and returns at once. Where it returns `.running`, `report` is called from any thread: with
    /// pieces of the reply perhaps, and with its end exactly once, unless the execution is cancelled first.
    func execute(_ request: AgentRequest, report: @escaping @Sendable (AgentReport) -> Void) -> AgentExecution
}

extension Agent {
    package var standing: AgentStanding { AgentStanding() }
}

package enum AgentKind: String, CaseIterable, Sendable {
    case echo, scripted, exec, plugin, openai, anthropic
    case llmCrafter = "llm-crafter"
}

package struct AgentStanding: Sendable {
    package enum State: String, Sendable {
        /// It answers at once, or its process runs.
        case ready
        /// Its process starts when it is first needed.
        case idle
        case starting
        /// Its process ended too often, and pauses before it is started again.
        case resting
    }

    package var state = State.ready
    package var capabilities: [Text] = []
}

/// What an agent looks at of a conversation: what it doesn't, it is not given, which spares reading it.
package struct AgentNeeds: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let context = AgentNeeds(rawValue: 1)
    package static let messages = AgentNeeds(rawValue: 2)
    /// Which conversation it is.
    package static let conversation = AgentNeeds(rawValue: 4)
    package static let everything: AgentNeeds = [.context, .messages, .conversation]
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
    /// {id, userId, agentId, type, tags, metadata, title?, organizationId?, projectId?}; nil where there is none, or it
    /// isn't needed.
    package let conversation: JSONFragment?
    package let turnId: Text?

    package init(
        executionId: Text, prompt: Text, context: JSONFragment = .emptyObject, messages: [ChatMessage] = [],
        instructions: Text? = nil, conversation: JSONFragment? = nil, turnId: Text? = nil
    ) {
        self.executionId = executionId
        self.prompt = prompt
        self.context = context
        self.messages = messages
        self.instructions = instructions
        self.conversation = conversation
        self.turnId = turnId
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
        messages(request.messages)
        member("instructions", request.instructions)
    }

    /// [{role, content}]
    package mutating func messages(_ messages: [ChatMessage]) {
        beginArray()
        for message in messages {
            beginObject()
            key("role")
            string(message.role.rawValue)
            member("content", message.content)
            endObject()
        }
        endArray()
    }

    /// What a program is asked: executionId, agentId, then the above, conversation?, turnId?
    mutating func execution(_ request: AgentRequest, by agentId: Text) {
        beginObject()
        member("executionId", request.executionId)
        member("agentId", agentId)
        members(of: request)
        if let conversation = request.conversation {
            key("conversation")
            value(conversation)
        }
        member("turnId", request.turnId)
        endObject()
    }
}

package enum AgentExecution {
    /// Answered within the call.
    case finished(AgentOutcome)
    /// Under way. After `cancel` the outcome is no longer wanted.
    case running(cancel: @Sendable () -> Void)
}

package enum AgentReport: Sendable {
    case piece(ReplyPiece)
    case ended(AgentOutcome)
}

/// A part of a reply that is on its way.
package struct ReplyPiece: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Of the reply itself.
        case text
        /// Of what a model thinks before it.
        case thought
        /// About a tool that is used for it.
        case tool
    }

    package let kind: Kind
    package let text: Text

    package init(_ kind: Kind, _ text: Text) {
        self.kind = kind
        self.text = text
    }

    /// Bytes of pieces that one reply may have, and of a reply.
    package static let bound = 16 << 20
}

package enum AgentOutcome: Sendable {
    case replied(AgentReply)
    case failed(AgentFailure)
}

package struct AgentReply: Sendable {
    package var response: Text
    package var toolsUsed: [Text]
    package var usage: Usage?
    /// Tokens in all, where the agent tells no more than that.
    package var tokensUsed: Int64?
    /// More that it tells of the reply, to be kept with it.
    package var extra: Members

    package init(
        response: Text, toolsUsed: [Text] = [], usage: Usage? = nil, tokensUsed: Int64? = nil,
        extra: Members = Members()
    ) {
        self.response = response
        self.toolsUsed = toolsUsed
        self.usage = usage
        self.tokensUsed = tokensUsed
        self.extra = extra
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
    /// What programs may want to know besides: agentError, stderr, exitStatus, signal, limit.
    package let details: [(name: Text, value: JSONFragment)]

    package init(_ kind: Kind, _ message: String, _ details: [(name: Text, value: JSONFragment)] = []) {
        self.kind = kind
        self.message = message
        self.details = details
    }
}
