import Jansson

/// What a conversation is now: the fold over its events so far. Contents of messages are not kept.
package struct Conversation: Sendable {
    package let id: Text
    package let userId: Text
    package private(set) var agentId: Text
    package let organizationId: Text?
    package let projectId: Text?
    package private(set) var type: Text
    package private(set) var tags: [Text]
    package private(set) var instructions: Text?
    package private(set) var archived = false
    package private(set) var metadata: Members
    package private(set) var context: Members
    package let startTime: Timestamp
    package private(set) var updatedTime: Timestamp
    package private(set) var endTime: Timestamp?
    package private(set) var messageCount = 0
    /// What its replies took; nil where none told.
    package private(set) var usage: TokenUsage?
    /// Of the newest event.
    package private(set) var seq: Int
    /// The turn that began and has not ended: running somewhere, or its process died.
    package private(set) var openTurn: OpenTurn?
    package let forkedFrom: ForkOrigin?
    /// The version of the file's format.
    package let format: Int64
    /// The title that was set; nil where it is made from the first message.
    package private(set) var givenTitle: Text?
    /// What insight told that replies have called for.
    package private(set) var toldNeeds = Needs()
    /// Of a fork, which needs its parent's context tells of, one way or the other.
    package let inheritedNeeds: Needs
    /// How many messages came since the last insight that can be gone on from.
    package private(set) var messagesSinceInsight = 0
    /// Of the first user's message that has one, and that message's seq.
    private var firstLine: (text: Text, seq: Int)?

    package struct OpenTurn: Sendable {
        package let turnId: Text
        package let messageId: Text
        package let since: Timestamp
    }

    package var isEnded: Bool { endTime != nil }

    /// What was set, else the first user message's first line, cut to 80 characters.
    package var title: Text? { givenTitle ?? firstLine?.text }

    /// Whether the next user message's content is wanted for the title.
    package var wantsFirstLine: Bool { firstLine == nil }

    package init(_ started: Started, seq: Int, at time: Timestamp) {
        id = started.id
        userId = started.userId
        agentId = started.agentId
        organizationId = started.organizationId
        projectId = started.projectId
        type = started.type
        tags = started.tags
        instructions = started.instructions
        givenTitle = started.title.flatMap { $0.isEmpty ? nil : $0 }
        metadata = started.metadata
        context = started.context
        forkedFrom = started.forkedFrom
        format = started.format
        startTime = time
        updatedTime = time
        self.seq = seq
        context["conversation_type"] = .string(type)
        inheritedNeeds =
            forkedFrom == nil
            ? Needs()
            : Needs(
                escalation: context["needs_escalation"] != nil, followup: context["needs_followup"] != nil)
        // A fork's context has what its parent's insight told.
        if forkedFrom != nil { toldNeeds.take(context) }
    }

    /// - Parameter superseded: of a `superseded` event, how many messages leave the history: which ones there are,
    ///   only who has read the file knows.
    package mutating func apply(_ recorded: RecordedEvent, superseded: Int = 0) {
        switch recorded.event {
        case .message(let message):
            apply(message, seq: recorded.seq, at: recorded.time)
            return
        case .turnEnded(let end):
            if openTurn?.turnId == end.turnId { openTurn = nil }
        case .turnStarted(let start):
            openTurn = OpenTurn(turnId: start.turnId, messageId: start.messageId, since: recorded.time)
        case .superseded(let fromSeq):
            messageCount -= superseded
            if let line = firstLine, line.seq >= fromSeq { firstLine = nil }
        case .updated(let update): apply(update)
        case .insight(let insight):
            tell(insight)
            if insight.checkpoint != nil { messagesSinceInsight = 0 }
        case .ended(let reason):
            endTime = recorded.time
            context["conversation_state"] = .string("ended")
            metadata["end_reason"] = .string(reason)
        case .reopened:
            endTime = nil
            context["conversation_state"] = .string("active")
            metadata["end_reason"] = nil
        case .started, .deleted, .restored, .unknown: break
        }
        advance(to: recorded.seq, at: recorded.time)
    }

    package mutating func apply(_ message: Message, seq: Int, at time: Timestamp) {
        if message.role == .user, firstLine == nil {
            firstLine = Self.firstLine(of: message.content).map { ($0, seq) }
        }
        // What inherited messages used is counted where they were sent.
        if message.role == .assistant, let usage = message.usage, seq > forkedFrom?.inherited ?? 0 {
            var sum = self.usage ?? TokenUsage()
            sum.add(usage)
            self.usage = sum
        }
        if message.role == .assistant, !message.toolsUsed.isEmpty { note(tools: message.toolsUsed) }
        apply(message.role, id: { message.id }, turnId: { message.turnId }, seq: seq, at: time)
    }

    /// As applying the whole message, for readers that know only its line's beginning. Not for the message whose
    /// content `wantsFirstLine`, nor for a reply that tells its usage or tools. Ids are asked for only where they are kept.
    package mutating func apply(
        _ role: Role, id: () -> Text, turnId: () -> Text?, seq: Int, at time: Timestamp
    ) {
        messageCount += 1
        messagesSinceInsight += 1
        switch role {
        case .user:
            if let turnId = turnId() { openTurn = OpenTurn(turnId: turnId, messageId: id(), since: time) }
        case .assistant:
            if let open = openTurn, turnId() == open.turnId { openTurn = nil }
        case .system: break
        }
        advance(to: seq, at: time)
    }

    /// As applying an insight, but for its context, which `tell` applies later.
    package mutating func apply(insight seq: Int, at time: Timestamp) {
        messagesSinceInsight = 0
        advance(to: seq, at: time)
    }

    /// Applies what an insight tells.
    package mutating func tell(_ insight: InsightRecord) {
        context.merge(insight.context)
        toldNeeds.take(insight.context)
    }

    private mutating func advance(to seq: Int, at time: Timestamp) {
        self.seq = max(self.seq, seq)
        updatedTime = max(updatedTime, time)
    }

    private mutating func apply(_ update: Update) {
        if let title = update.title { givenTitle = title.isEmpty ? nil : title }
        agentId = update.agentId ?? agentId
        archived = update.archived ?? archived
        if let instructions = update.instructions { self.instructions = instructions.isEmpty ? nil : instructions }
        tags = update.tags ?? tags
        context.merge(update.context.set)
        for name in update.context.remove { context[name] = nil }
        metadata.merge(update.metadata.set)
        for name in update.metadata.remove { metadata[name] = nil }
        if let type = update.type {
            self.type = type
            context["conversation_type"] = .string(type)
        }
    }

    /// How many tools a context tells of.
    package static let toolsKept = 200

    private mutating func note(tools: [Text]) {
        let known = context["tools_used"].flatMap { try? JSON.parse($0.bytes) }?.elements.compactMap(\.text) ?? []
        var all = known
        for tool in tools where all.count < Self.toolsKept && !all.contains(tool) { all.append(tool) }
        if all.count > known.count {
            context["tools_used"] = JSONFragment { [all] in $0.texts(all) }
        }
    }

    /// The first line that is not blank, without space around it, cut to 80 characters as a reader counts them.
    private static func firstLine(of content: Text) -> Text? {
        // The longest characters in use, flags and families, take some 30 bytes; the bound keeps megabytes cheap.
        let beginning = content.utf8.drop { isBlank($0) || isLineEnd($0) }.prefix(4000)
        let line = beginning.prefix { !isLineEnd($0) }
        let trimmed = line.reversed().drop(while: isBlank).reversed()
        if trimmed.isEmpty { return nil }
        return Text(String(String(decoding: Array(trimmed), as: UTF8.self).prefix(80)))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
