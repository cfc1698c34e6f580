import Conversations
import Jansson

/// A conversation apart from any store: what goes out and comes in as JSON or Markdown.
package struct PortableConversation: Sendable {
    package var id: Text?
    package var userId: Text?
    package var agentId: Text?
    package var organizationId: Text?
    package var projectId: Text?
    package var type: Text?
    /// The title that was set, not one that is made from a message.
    package var title: Text?
    package var tags: [Text] = []
    package var instructions: Text?
    package var archived = false
    package var startTime: Timestamp?
    package var endTime: Timestamp?
    package var metadata = Members()
    package var context = Members()
    package var messages: [PortableMessage] = []

    package init() {}

    /// A conversation as it is now.
    package init(_ conversation: Conversation, messages: [PortableMessage]) {
        id = conversation.id
        userId = conversation.userId
        agentId = conversation.agentId
        organizationId = conversation.organizationId
        projectId = conversation.projectId
        type = conversation.type
        title = conversation.givenTitle
        tags = conversation.tags
        instructions = conversation.instructions
        archived = conversation.archived
        startTime = conversation.startTime
        endTime = conversation.endTime
        metadata = conversation.metadata
        context = conversation.context
        self.messages = messages
    }
}

package struct PortableMessage: Sendable {
    package var id: Text?
    package var role: Role
    package var content: Text
    package var time: Timestamp?
    package var metadata: JSONFragment

    package init(id: Text?, role: Role, content: Text, time: Timestamp?, metadata: JSONFragment = .emptyObject) {
        self.id = id
        self.role = role
        self.content = content
        self.time = time
        self.metadata = metadata
    }
}

/// Why a text is no conversation that can be taken.
package struct ExchangeFault: Error, Sendable {
    /// Where: the path of a member, or a line.
    package let place: String
    /// A clause for people: "it must be a string".
    package let reason: String

    package init(_ place: String, _ reason: String) {
        self.place = place
        self.reason = reason
    }
}

// MARK: Events

/// What a conversation that comes in is given where it says nothing.
package struct ImportDefaults: Sendable {
    package let id: Text
    package let userId: Text
    package let agentId: Text
    package let now: Timestamp

    package init(id: Text, userId: Text, agentId: Text, now: Timestamp) {
        self.id = id
        self.userId = userId
        self.agentId = agentId
        self.now = now
    }
}

extension PortableConversation {
    /// The events of which this conversation is the fold, each with its time.
    ///
    /// - Parameter makeID: asked for the id of each message that has none.
    package func events(
        _ defaults: ImportDefaults, makeID: () -> Text
    ) -> [(time: Timestamp, event: Event)] {
        let start = startTime ?? messages.lazy.compactMap(\.time).first ?? defaults.now
        var metadata = metadata
        let reason = metadata["end_reason"].flatMap { try? JSON.parse($0.bytes).text }
        let isEnded = endTime != nil || context["conversation_state"] == .string("ended")
        if isEnded { metadata["end_reason"] = nil }
        var events: [(time: Timestamp, event: Event)] = []
        events.append(
            (
                start,
                .started(
                    Started(
                        id: id ?? defaults.id, userId: userId ?? defaults.userId, agentId: agentId ?? defaults.agentId,
                        organizationId: organizationId, projectId: projectId, type: type ?? "general", title: title,
                        tags: tags, instructions: instructions, metadata: metadata, context: openContext))
            ))
        var last = start
        for message in messages {
            last = message.time ?? last
            let usage = try? JSON.parse(message.metadata.bytes)["usage"].map { TokenUsage($0) }
            events.append(
                (
                    last,
                    .message(
                        Message(
                            id: message.id ?? makeID(), role: message.role, content: message.content,
                            metadata: message.metadata, usage: usage))
                ))
        }
        if archived {
            var update = Update()
            update.archived = true
            events.append((last, .updated(update)))
        }
        if isEnded { events.append((endTime ?? last, .ended(reason: reason ?? "user_ended"))) }
        return events
    }

    /// As it was before the end; type and end come back with the events.
    private var openContext: Members {
        var whole = Members.initialContext(context)
        whole["conversation_state"] = .string("active")
        whole["conversation_type"] = nil
        return whole
    }
}
