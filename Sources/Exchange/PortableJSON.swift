import Conversations
import Jansson

/// A conversation as one JSON object.
extension PortableConversation {
    private static let known = [
        "id", "userId", "agentId", "organizationId", "projectId", "type", "title", "tags", "instructions", "archived",
        "startTime", "endTime", "metadata", "messages", "context",
    ]
    private static let knownOfMessage = ["id", "role", "content", "timestamp", "metadata"]

    /// Reads what `JSONWriter.conversation(_:)` writes; only `messages` must be there.
    package init(_ json: JSON) throws(ExchangeFault) {
        let object = try Fields(json, "conversation", Self.known)
        id = try object.text("id")
        if let id, !Identifier.isConversationID(id) {
            throw ExchangeFault(
                "conversation.id",
                "it must be up to 128 letters, digits, `.`, `_` and `-`, the first a letter or digit, not `\(id)`")
        }
        userId = try object.text("userId")
        agentId = try object.text("agentId")
        organizationId = try object.text("organizationId")
        projectId = try object.text("projectId")
        type = try object.text("type")
        title = try object.text("title")
        for tag in try object.texts("tags") where !tags.contains(tag) { tags.append(tag) }
        instructions = try object.text("instructions")
        archived = try object.value("archived", "a boolean") { $0.boolean } ?? false
        startTime = try object.time("startTime")
        endTime = try object.time("endTime")
        metadata = Members(try object.object("metadata"))
        let given = try object.object("context")
        for name: StaticString in ["user_preferences", "custom_data"] {
            if let member = given?[name], !member.isObject {
                throw ExchangeFault("conversation.context.\(name)", "it must be an object")
            }
        }
        context = Members(given)
        let list = try object.value("messages", "an array") { $0.kind == .array ? $0.elements : nil }
        guard let list else { throw ExchangeFault("conversation.messages", "it is missing: it must be an array") }
        var ids: Set<Text> = []
        for (index, json) in list.enumerated() {
            let place = "conversation.messages[\(index)]"
            let message = try Self.message(Fields(json, place, Self.knownOfMessage))
            if let id = message.id, !ids.insert(id).inserted {
                throw ExchangeFault("\(place).id", "an earlier message is `\(id)` already")
            }
            messages.append(message)
        }
    }

    private static func message(_ object: Fields) throws(ExchangeFault) -> PortableMessage {
        let role = try object.value("role", "one of \"user\", \"assistant\", \"system\"") {
            $0.text.flatMap { Role(rawValue: $0.description) }
        }
        guard let role, let content = try object.text("content") else {
            throw ExchangeFault(object.place, "a message has `role` and `content`")
        }
        return PortableMessage(
            id: try object.text("id"), role: role, content: content, time: try object.time("timestamp"),
            metadata: try object.object("metadata").map { JSONFragment($0) } ?? .emptyObject)
    }
}

/// An object's members, each with its place for what is wrong with it.
private struct Fields {
    let place: String
    private let json: JSON

    init(_ json: JSON, _ place: String, _ known: [String]) throws(ExchangeFault) {
        guard json.isObject else { throw ExchangeFault(place, "it must be an object") }
        self.json = json
        self.place = place
        for (name, _) in json.members {
            let name = String(decoding: name, as: UTF8.self)
            if !known.contains(name) {
                let list = known.map { "`\($0)`" }.joined(separator: ", ")
                throw ExchangeFault("\(place).\(name)", "there is no such member; known are \(list)")
            }
        }
    }

    func value<Value>(
        _ name: StaticString, _ expected: String, _ read: (JSON) -> Value?
    ) throws(ExchangeFault) -> Value? {
        guard let member = json[name] else { return nil }
        guard let value = read(member) else { throw ExchangeFault("\(place).\(name)", "it must be \(expected)") }
        return value
    }

    func text(_ name: StaticString) throws(ExchangeFault) -> Text? { try value(name, "a string") { $0.text } }

    func texts(_ name: StaticString) throws(ExchangeFault) -> [Text] {
        let texts = try value(name, "an array of strings") { json -> [Text]? in
            let texts = json.elements.compactMap(\.text)
            return json.kind == .array && texts.count == json.count ? texts : nil
        }
        return texts ?? []
    }

    func time(_ name: StaticString) throws(ExchangeFault) -> Timestamp? {
        try value(name, "a time of RFC 3339") { $0.text.flatMap { Timestamp($0.utf8) } }
    }

    func object(_ name: StaticString) throws(ExchangeFault) -> JSON? {
        try value(name, "an object") { $0.isObject ? $0 : nil }
    }
}

extension JSONWriter {
    /// {id, userId, agentId, …, startTime, endTime?, metadata, messages[], context}
    package mutating func conversation(_ conversation: PortableConversation) {
        beginObject()
        members(of: conversation)
        key("metadata")
        object(conversation.metadata)
        key("messages")
        beginArray()
        for message in conversation.messages {
            beginObject()
            member("id", message.id)
            key("role")
            string(message.role.rawValue)
            member("content", message.content)
            member("timestamp", message.time?.text)
            key("metadata")
            value(message.metadata)
            endObject()
        }
        endArray()
        key("context")
        object(conversation.context)
        endObject()
    }

    private mutating func members(of conversation: PortableConversation) {
        member("id", conversation.id)
        member("userId", conversation.userId)
        member("agentId", conversation.agentId)
        member("organizationId", conversation.organizationId)
        member("projectId", conversation.projectId)
        member("type", conversation.type)
        member("title", conversation.title)
        if !conversation.tags.isEmpty { member("tags", conversation.tags) }
        member("instructions", conversation.instructions)
        if conversation.archived {
            key("archived")
            boolean(true)
        }
        member("startTime", conversation.startTime?.text)
        member("endTime", conversation.endTime?.text)
    }
}
