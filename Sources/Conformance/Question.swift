import Jansson

/// What a plugin is asked, as a host would ask it of a short conversation.
struct Question: Sendable {
    let capability: Capability
    /// What the user says; the user's name where a profile is asked for.
    var text: Text = "Hello, what can you do?"
    var executionId: Text = "exec_000001"
    /// Whether it is asked in a conversation: an execution may belong to none.
    var hasConversation = true

    var params: JSONFragment {
        switch capability {
        case .execute: execution
        case .loadProfile: .object([("userId", .string(text)), ("conversationId", .string(Self.conversationId))])
        case .analyzeSentiment: .object(Self.whose + [("messages", messages)])
        case .extractTopics: .object(Self.whose + [("messages", messages), ("topics", .strings(["delivery"]))])
        case .buildContext:
            .object(
                [("type", .string("onboarding"))] + Self.whose + [
                    ("prompt", .string(text)), ("context", context), ("messages", messages),
                    ("conversation", conversation),
                ])
        }
    }

    private static let conversationId: Text = "conv_000001"
    private static let whose: [JSONFragment.Member] = [
        ("conversationId", .string(conversationId)), ("userId", .string("ada")),
    ]

    private var execution: JSONFragment {
        let members: [JSONFragment.Member] = [
            ("executionId", .string(executionId)), ("agentId", .string("plugin")), ("prompt", .string(text)),
        ]
        if !hasConversation { return .object(members + [("context", .emptyObject), ("messages", .emptyArray)]) }
        return .object(
            members + [
                ("context", context), ("messages", messages), ("conversation", conversation),
                ("turnId", .string("turn_000001")),
            ])
    }

    private var messages: JSONFragment {
        let history: [(role: Text, content: Text)] = [
            ("user", "Good morning."), ("assistant", "Good morning! How can I help?"), ("user", text),
        ]
        return .array(history.map { .object([("role", .string($0.role)), ("content", .string($0.content))]) })
    }

    private var conversation: JSONFragment {
        .object([
            ("id", .string(Self.conversationId)), ("userId", .string("ada")), ("agentId", .string("plugin")),
            ("type", .string(type)), ("tags", .emptyArray), ("metadata", .emptyObject),
        ])
    }

    private var context: JSONFragment {
        let mood: [JSONFragment.Member] = [
            ("overall_sentiment", .string("neutral")), ("energy_level", .string("low")),
            ("engagement", .string("casual")),
        ]
        let history = "user: Good morning.\nassistant: Good morning! How can I help?\nuser: ".utf8 + text.utf8
        return .object([
            ("conversation_id", .string(Self.conversationId)), ("user_id", .string("ada")),
            ("conversation_history", .string(Text(utf8: Array(history)))), ("conversation_metadata", .emptyObject),
            ("message_count", .integer(3)), ("conversation_type", .string(type)), ("topics_discussed", .emptyArray),
            ("conversation_mood", .object(mood)),
        ])
    }

    private var type: Text { capability == .buildContext ? "onboarding" : "general" }
}

extension Question {
    /// Letters that programs get wrong: outside of the first 65,536, made of several, line ends to some but not to JSON,
    /// and what must be escaped.
    static let letters: Text =
        "Grüße, e\u{301}, 🙂 👩‍👩‍👧, \u{5E9}\u{5DC}\u{5D5}\u{5DD}, \u{85}\u{2028}\u{2029}, \"quoted\" and \\back\\\r\n\tindented"

    static let nul: Text = "before\u{0}behind"

    static let long = Text(
        utf8: Array(repeatElement("All work and no play. ü ".utf8, count: (1 << 20) / 25 + 1).joined()))
}

extension JSONFragment {
    typealias Member = (name: Text, value: JSONFragment)

    static func object(_ members: [Member]) -> JSONFragment { JSONFragment { $0.object(Members(members)) } }

    static func array(_ elements: [JSONFragment]) -> JSONFragment {
        JSONFragment { writer in
            writer.beginArray()
            for element in elements { writer.value(element) }
            writer.endArray()
        }
    }

    /// The same value with one member more in each of its objects, but for `settings`, which are the plugin's own: what
    /// a newer host might send.
    var withMoreMembers: JSONFragment {
        guard let json = try? JSON.parse(bytes) else { return self }
        return JSONFragment { $0.valueWithMore(json) }
    }
}

extension JSONWriter {
    fileprivate mutating func valueWithMore(_ json: JSON) {
        switch json.kind {
        case .object:
            beginObject()
            for (name, value) in json.members {
                key(named: name)
                if Text(name) == "settings" { self.value(value) } else { valueWithMore(value) }
            }
            key("since_a_later_version")
            value(.strings(["what", "hosts", "may", "add"]))
            endObject()
        case .array:
            beginArray()
            for element in json.elements { valueWithMore(element) }
            endArray()
        default: value(json)
        }
    }
}
