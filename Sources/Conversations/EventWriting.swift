import Jansson

extension JSONWriter {
    /// Writes an event as its line has it, without the line end.
    ///
    /// The order of members is part of the format: `seq` and `type` first, then what opening a file needs of a
    /// message, so that reading back millions of lines looks at their beginnings only.
    package mutating func event(_ event: Event, seq: Int, at time: Timestamp) {
        beginObject()
        key("seq")
        integer(seq)
        switch event {
        case .started(let started): self.started(started, time)
        case .message(let message): self.message(message, time)
        case .turnEnded(let end): turnEnded(end, time)
        case .turnStarted(let start):
            type("turnStarted", time)
            member("turnId", start.turnId)
            member("messageId", start.messageId)
        case .superseded(let fromSeq):
            type("superseded", time)
            key("fromSeq")
            integer(fromSeq)
        case .updated(let update): updated(update, time)
        case .insight(let insight):
            type("insight", time)
            key("context")
            object(insight.context)
            if let checkpoint = insight.checkpoint {
                key("checkpoint")
                value(checkpoint)
            }
        case .ended(let reason):
            type("ended", time)
            key("reason")
            string(reason)
        case .reopened: type("reopened", time)
        case .deleted: type("deleted", time)
        case .restored: type("restored", time)
        // Only read, never made: whoever appends one has a fault, which a reader can live with.
        case .unknown: type("unknown", time)
        }
        endObject()
    }

    private mutating func type(_ type: StaticString, _ time: Timestamp) {
        key("type")
        value(type)
        timestamp(time)
    }

    private mutating func value(_ plain: StaticString) {
        plain.withUTF8Buffer { string($0) }
    }

    private mutating func timestamp(_ time: Timestamp) {
        key("timestamp")
        string(time.text)
    }

    private mutating func started(_ started: Started, _ time: Timestamp) {
        type("started", time)
        key("format")
        integer(started.format)
        key("conversation")
        beginObject()
        member("id", started.id)
        member("userId", started.userId)
        member("agentId", started.agentId)
        member("organizationId", started.organizationId)
        member("projectId", started.projectId)
        member("type", started.type)
        member("title", started.title)
        if !started.tags.isEmpty { member("tags", started.tags) }
        member("instructions", started.instructions)
        key("metadata")
        object(started.metadata)
        key("context")
        object(started.context)
        endObject()
        if let origin = started.forkedFrom {
            key("forkedFrom")
            forkOrigin(origin)
        }
    }

    /// {conversationId, seq, inherited}
    package mutating func forkOrigin(_ origin: ForkOrigin) {
        beginObject()
        member("conversationId", origin.conversationId)
        key("seq")
        integer(origin.seq)
        key("inherited")
        integer(origin.inherited)
        endObject()
    }

    private mutating func message(_ message: Message, _ time: Timestamp) {
        // In as few pieces as there are values: most of what is ever written is messages.
        verbatim(",\"type\":\"message\",\"id\":")
        string(message.id)
        switch message.role {
        case .user: verbatim(",\"role\":\"user\"")
        case .assistant: verbatim(",\"role\":\"assistant\"")
        case .system: verbatim(",\"role\":\"system\"")
        }
        if let turnId = message.turnId {
            verbatim(",\"turnId\":")
            string(turnId)
        }
        if let key = message.idempotencyKey {
            verbatim(",\"idempotencyKey\":")
            string(key)
        }
        verbatim(",\"timestamp\":")
        string(time.text)
        verbatim(",\"content\":")
        string(message.content)
        verbatim(",\"metadata\":")
        value(message.metadata)
    }

    private mutating func turnEnded(_ end: TurnEnd, _ time: Timestamp) {
        type("turnEnded", time)
        members(of: end)
    }

    /// Of the object that is open: turnId, messageId, outcome, error?, partial?
    package mutating func members(of end: TurnEnd) {
        member("turnId", end.turnId)
        member("messageId", end.messageId)
        key("outcome")
        string(end.outcome.rawValue)
        if let error = end.error {
            key("error")
            value(error)
        }
        member("partial", end.partial)
    }

    private mutating func updated(_ update: Update, _ time: Timestamp) {
        type("updated", time)
        if update.setsFields {
            key("set")
            beginObject()
            member("title", update.title)
            member("agentId", update.agentId)
            member("type", update.type)
            if let archived = update.archived {
                key("archived")
                boolean(archived)
            }
            member("instructions", update.instructions)
            if let tags = update.tags { member("tags", tags) }
            endObject()
        }
        merge("context", update.context)
        merge("metadata", update.metadata)
    }

    private mutating func merge(_ name: StaticString, _ merge: Update.Merge) {
        if merge.isEmpty { return }
        key(name)
        beginObject()
        if !merge.set.isEmpty {
            key("set")
            object(merge.set)
        }
        if !merge.remove.isEmpty { member("remove", merge.remove) }
        endObject()
    }

    // MARK: Members that may be absent

    package mutating func member(_ name: StaticString, _ text: Text?) {
        guard let text else { return }
        key(name)
        string(text)
    }

    package mutating func member(_ name: StaticString, _ texts: [Text]) {
        key(name)
        self.texts(texts)
    }

    /// An array of strings.
    package mutating func texts(_ texts: [Text]) {
        beginArray()
        for text in texts { string(text) }
        endArray()
    }
}
