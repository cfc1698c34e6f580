import Jansson

/// Something that happened to a conversation: one line of its file. State is a fold over these and nothing else.
package enum Event: Sendable {
    case started(Started)
    case message(Message)
    /// A turn that ended without a reply; a completed one ends with its reply's message.
    case turnEnded(TurnEnd)
    /// A turn on a message that was there already.
    case turnStarted(TurnStart)
    /// Messages from that seq up to this event leave the history; what they used stays counted.
    case superseded(fromSeq: Int)
    case updated(Update)
    case insight(InsightRecord)
    case ended(reason: Text)
    case reopened
    /// Moved to the trash, and taken back from there.
    case deleted
    case restored
    /// Of a type that this version does not know: kept and shown, ignored by the fold.
    case unknown
}

/// The first event: what a conversation is when it begins.
package struct Started: Sendable {
    /// The version of the file's format that this code writes, and the newest that it appends to.
    package static let format: Int64 = 1

    package var id: Text
    package var userId: Text
    package var agentId: Text
    package var organizationId: Text?
    package var projectId: Text?
    package var type: Text
    package var title: Text?
    package var tags: [Text]
    package var instructions: Text?
    package var metadata: Members
    package var context: Members
    package var forkedFrom: ForkOrigin?
    package var format: Int64

    package init(
        id: Text, userId: Text, agentId: Text, organizationId: Text? = nil, projectId: Text? = nil, type: Text,
        title: Text? = nil, tags: [Text] = [], instructions: Text? = nil, metadata: Members = Members(),
        context: Members = Members(), forkedFrom: ForkOrigin? = nil, format: Int64 = Started.format
    ) {
        self.id = id
        self.userId = userId
        self.agentId = agentId
        self.organizationId = organizationId
        self.projectId = projectId
        self.type = type
        self.title = title
        self.tags = tags
        self.instructions = instructions
        self.metadata = metadata
        self.context = context
        self.forkedFrom = forkedFrom
        self.format = format
    }
}

/// Where a fork branched off.
package struct ForkOrigin: Equatable, Sendable {
    package let conversationId: Text
    /// Of the last event that came along.
    package let seq: Int
    /// How many messages came along: those behind `started`.
    package let inherited: Int

    package init(conversationId: Text, seq: Int, inherited: Int) {
        self.conversationId = conversationId
        self.seq = seq
        self.inherited = inherited
    }
}

package enum Role: String, CaseIterable, Sendable {
    case user, assistant, system
}

package struct Message: Sendable {
    package var id: Text
    package var role: Role
    package var content: Text
    package var metadata: JSONFragment
    /// On a user's message the turn that it opens, on an assistant's the turn that it completes.
    package var turnId: Text?
    /// What its sender named the request that sent it, so that sending it again does nothing twice.
    package var idempotencyKey: Text?
    /// What the reply took, as its metadata tells.
    package var usage: TokenUsage?
    /// Of a reply, as its metadata tells.
    package var toolsUsed: [Text]

    package init(
        id: Text, role: Role, content: Text, metadata: JSONFragment = .emptyObject, turnId: Text? = nil,
        idempotencyKey: Text? = nil, usage: TokenUsage? = nil, toolsUsed: [Text] = []
    ) {
        self.id = id
        self.role = role
        self.content = content
        self.metadata = metadata
        self.turnId = turnId
        self.idempotencyKey = idempotencyKey
        self.usage = usage
        self.toolsUsed = toolsUsed
    }
}

package struct TurnEnd: Sendable {
    package enum Outcome: String, Sendable { case failed, cancelled, interrupted }

    package var turnId: Text
    /// The message that opened the turn, so that a reader of this line need not look for it.
    package var messageId: Text
    package var outcome: Outcome
    /// {code, message, data} of a failed turn.
    package var error: JSONFragment?
    /// What the agent had said before the end.
    package var partial: Text?

    package init(
        turnId: Text, messageId: Text, outcome: Outcome, error: JSONFragment? = nil, partial: Text? = nil
    ) {
        self.turnId = turnId
        self.messageId = messageId
        self.outcome = outcome
        self.error = error
        self.partial = partial
    }
}

package struct TurnStart: Sendable {
    package var turnId: Text
    /// The user's message that is answered anew.
    package var messageId: Text

    package init(turnId: Text, messageId: Text) {
        self.turnId = turnId
        self.messageId = messageId
    }
}

/// A change of what a conversation is; nil and empty leave things as they are.
package struct Update: Sendable {
    package struct Merge: Sendable {
        package var set = Members()
        package var remove: [Text] = []
        package var isEmpty: Bool { self.set.isEmpty && remove.isEmpty }
        package init(set: Members = Members(), remove: [Text] = []) {
            self.set = set
            self.remove = remove
        }
    }

    package var title: Text?
    package var agentId: Text?
    package var type: Text?
    package var archived: Bool?
    package var instructions: Text?
    package var tags: [Text]?
    package var context = Merge()
    package var metadata = Merge()

    package init() {}

    package var setsFields: Bool {
        title != nil || agentId != nil || type != nil || archived != nil || instructions != nil || tags != nil
    }

    package var isEmpty: Bool { !setsFields && context.isEmpty && metadata.isEmpty }
}
