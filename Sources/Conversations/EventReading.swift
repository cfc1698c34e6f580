import Jansson

/// An event as its line tells it.
package struct RecordedEvent: Sendable {
    package let seq: Int
    package let time: Timestamp
    package let event: Event

    package init(seq: Int, time: Timestamp, event: Event) {
        self.seq = seq
        self.time = time
        self.event = event
    }

    /// What a seq may be: more lines than any file has, and far from where adding one would overflow.
    fileprivate static let seqs: Range<Int64> = 0..<(1 << 50)

    /// Reads a parsed line. Throws a clause for people where it is no event; members that it does not know pass.
    package init(_ json: JSON) throws(EventFault) {
        guard let seq = json["seq"]?.integer, Self.seqs.contains(seq) else { throw EventFault("it has no `seq`") }
        guard let type = json["type"]?.text else { throw EventFault("it has no `type`") }
        guard let written = json["timestamp"]?.text, let time = Timestamp(written.utf8) else {
            throw EventFault("it has no `timestamp`")
        }
        self.seq = Int(seq)
        self.time = time
        event = try Event(type: type, json)
    }
}

/// Why a line of JSON is no event, as a clause ("it has no `seq`").
package struct EventFault: Error, Sendable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}

extension Event {
    fileprivate init(type: Text, _ json: JSON) throws(EventFault) {
        switch type {
        case "started": self = .started(try Started(json))
        case "message": self = .message(try Message(json))
        case "turnEnded": self = .turnEnded(try TurnEnd(json))
        case "turnStarted":
            self = .turnStarted(
                TurnStart(turnId: try json.required("turnId"), messageId: try json.required("messageId")))
        case "superseded":
            guard let from = json["fromSeq"]?.integer, RecordedEvent.seqs.contains(from) else {
                throw EventFault("it has no `fromSeq`")
            }
            self = .superseded(fromSeq: Int(from))
        case "updated": self = .updated(try Update(json))
        case "insight":
            self = .insight(
                InsightRecord(
                    context: Members(json["context"]), checkpoint: json["checkpoint"].map { JSONFragment($0) }))
        case "ended": self = .ended(reason: json["reason"]?.text ?? "")
        case "reopened": self = .reopened
        case "deleted": self = .deleted
        case "restored": self = .restored
        default: self = .unknown
        }
    }
}

extension JSON {
    fileprivate func required(_ name: StaticString) throws(EventFault) -> Text {
        guard let text = self[name]?.text else { throw EventFault("it has no `\(name)`") }
        return text
    }

    fileprivate var texts: [Text] { elements.compactMap(\.text) }
}

extension Started {
    fileprivate init(_ json: JSON) throws(EventFault) {
        guard let conversation = json["conversation"], conversation.isObject else {
            throw EventFault("it has no `conversation`")
        }
        self.init(
            id: try conversation.required("id"), userId: try conversation.required("userId"),
            agentId: try conversation.required("agentId"), organizationId: conversation["organizationId"]?.text,
            projectId: conversation["projectId"]?.text, type: conversation["type"]?.text ?? "general",
            title: conversation["title"]?.text, tags: conversation["tags"]?.texts ?? [],
            instructions: conversation["instructions"]?.text, metadata: Members(conversation["metadata"]),
            context: Members(conversation["context"]), forkedFrom: json["forkedFrom"].flatMap { ForkOrigin($0) },
            format: json["format"]?.integer ?? 1)
    }
}

extension ForkOrigin {
    fileprivate init?(_ json: JSON) {
        guard let id = json["conversationId"]?.text, let seq = json["seq"]?.integer,
            let inherited = json["inherited"]?.integer
        else { return nil }
        self.init(
            conversationId: id, seq: Int(clamping: max(0, seq)), inherited: Int(clamping: max(0, inherited)))
    }
}

extension Message {
    fileprivate init(_ json: JSON) throws(EventFault) {
        guard let role = Role(rawValue: try json.required("role").description) else {
            throw EventFault("its `role` is none of user, assistant, system")
        }
        self.init(
            id: try json.required("id"), role: role, content: try json.required("content"),
            metadata: json["metadata"].map { JSONFragment($0) } ?? .emptyObject, turnId: json["turnId"]?.text,
            idempotencyKey: json["idempotencyKey"]?.text)
        readMetadata(json["metadata"])
    }

    /// Takes from its metadata what the fold needs of it.
    package mutating func readMetadata(_ metadata: JSON?) {
        guard role == .assistant else { return }
        usage = metadata?["usage"].map { TokenUsage($0) }
        toolsUsed = metadata?["tools_used"]?.texts ?? []
    }
}

extension TurnEnd {
    fileprivate init(_ json: JSON) throws(EventFault) {
        guard let outcome = Outcome(rawValue: try json.required("outcome").description) else {
            throw EventFault("its `outcome` is none of failed, cancelled, interrupted")
        }
        self.init(
            turnId: try json.required("turnId"), messageId: json["messageId"]?.text ?? "", outcome: outcome,
            error: json["error"].map { JSONFragment($0) }, partial: json["partial"]?.text)
    }
}

extension Update {
    fileprivate init(_ json: JSON) throws(EventFault) {
        self.init()
        let set = json["set"]
        title = set?["title"]?.text
        agentId = set?["agentId"]?.text
        type = set?["type"]?.text
        archived = set?["archived"]?.boolean
        instructions = set?["instructions"]?.text
        tags = set?["tags"]?.texts
        context = Merge(json["context"])
        metadata = Merge(json["metadata"])
    }
}

extension Update.Merge {
    fileprivate init(_ json: JSON?) {
        self.init(set: Members(json?["set"]), remove: json?["remove"]?.texts ?? [])
    }
}
