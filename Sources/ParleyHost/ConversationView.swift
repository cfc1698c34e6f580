import Conversations
import JSONRPC
import Jansson
import Journal

extension JSONWriter {
    /// A conversation as clients see it. Lists leave out context and metadata.
    mutating func conversation(
        _ conversation: Conversation, damage: [Damage], turns: [TurnView] = [], inList: Bool = false,
        preview: Text? = nil
    ) {
        beginObject()
        member("id", conversation.id)
        member("title", conversation.title)
        member("userId", conversation.userId)
        member("agentId", conversation.agentId)
        member("organizationId", conversation.organizationId)
        member("projectId", conversation.projectId)
        member("type", conversation.type)
        member("tags", conversation.tags)
        key("startTime")
        string(conversation.startTime.text)
        key("updatedTime")
        string(conversation.updatedTime.text)
        if let end = conversation.endTime {
            key("endTime")
            string(end.text)
        }
        if !inList {
            key("metadata")
            object(conversation.metadata)
            key("context")
            object(conversation.context)
        }
        key("messageCount")
        integer(conversation.messageCount)
        key("seq")
        integer(conversation.seq)
        key("usage")
        usage(conversation.usage)
        if conversation.archived {
            key("archived")
            boolean(true)
        }
        member("instructions", conversation.instructions)
        if let origin = conversation.forkedFrom {
            key("forkedFrom")
            forkOrigin(origin)
        }
        if !turns.isEmpty {
            key("turns")
            beginArray()
            for turn in turns { self.turn(turn) }
            endArray()
        }
        if !damage.isEmpty {
            key("damaged")
            beginArray()
            for damage in damage { self.damage(damage, of: nil) }
            endArray()
        }
        member("preview", preview)
        endObject()
    }

    private mutating func usage(_ usage: TokenUsage?) {
        beginObject()
        if let usage {
            key("input_tokens")
            integer(usage.input)
            key("output_tokens")
            integer(usage.output)
            if let cached = usage.cached {
                key("cached_tokens")
                integer(cached)
            }
            if !usage.costs.isEmpty {
                key("costs")
                beginArray()
                for cost in usage.costs { self.cost(cost) }
                endArray()
            }
        }
        endObject()
    }

    private mutating func cost(_ cost: Cost) {
        beginObject()
        member("currency", cost.currency)
        key("amount")
        real(cost.amount)
        key("source")
        string(cost.isEstimated ? "estimated" : "reported")
        endObject()
    }

    private mutating func turn(_ turn: TurnView) {
        beginObject()
        member("turnId", turn.turnId)
        key("state")
        string(turn.isRunning ? "running" : "queued")
        key("since")
        string(turn.since.text)
        endObject()
    }

    /// - Parameter id: the conversation, where that isn't said around it.
    mutating func damage(_ damage: Damage, of id: Text?) {
        beginObject()
        member("conversationId", id)
        key("line")
        integer(damage.line)
        key("offset")
        integer(damage.offset)
        key("reason")
        string(damage.reason)
        endObject()
    }
}

/// A turn that has not ended, for clients.
struct TurnView: Sendable {
    let turnId: Text
    let isRunning: Bool
    let since: Timestamp
}

extension OpenConversation {
    /// The turns of this host in order; else the one that another process runs.
    var turnViews: [TurnView] {
        let own = ([running].compactMap { $0 } + queue).filter { $0.state != .ended }
        if !own.isEmpty {
            return own.map { TurnView(turnId: $0.id, isRunning: $0.state == .running, since: $0.since) }
        }
        return log?.contents.conversation?.turnViews ?? []
    }
}

extension Conversation {
    /// The turn that is open in the file, whoever runs it.
    var turnViews: [TurnView] {
        openTurn.map { [TurnView(turnId: $0.turnId, isRunning: true, since: $0.since)] } ?? []
    }
}

extension Host {
    /// Answers {conversation}.
    func answerConversation(
        _ call: Call, _ conversation: OpenConversation, _ log: ConversationLog
    ) {
        answer(call, about: conversation) { writer in
            writer.beginObject()
            writer.key("conversation")
            writer.conversation(of: conversation, log)
            writer.endObject()
        }
    }
}

extension JSONWriter {
    mutating func conversation(of open: OpenConversation, _ log: ConversationLog) {
        guard let conversation = log.contents.conversation else {
            emptyObject()
            return
        }
        self.conversation(conversation, damage: log.contents.damage, turns: open.turnViews)
    }
}
