import Conversations
import Exchange
import Jansson
import TestSupport

/// Makes values for the tests.
enum Sample {
    static func time(_ offset: Int64 = 0) -> Timestamp { Timestamp(milliseconds: 1_795_338_643_123 + offset) }

    static func message(_ content: Text, role: Role = .user, id: Text? = nil, time: Timestamp? = nil) -> PortableMessage
    {
        PortableMessage(id: id, role: role, content: content, time: time)
    }

    /// A conversation of these messages and nothing else.
    static func conversation(_ contents: Text...) -> PortableConversation {
        var conversation = PortableConversation()
        conversation.messages = contents.map { message($0) }
        return conversation
    }

    static func members(_ text: String) throws -> Members { Members(try JSON.parse(text.utf8)) }

    /// What means something to Markdown or to us, over and over.
    static func nasty(_ generator: inout Generator, _ alphabet: String = nastyAlphabet) -> Text {
        let letters = Array(alphabet.utf8)
        return Text(utf8: (0..<generator.below(24)).map { _ in generator.pick(letters) })
    }

    static let nastyAlphabet = "<>&[]()!:#`-*_\\~\"ax\n\r/? "

    private static let words: [Text] = [
        "", "a", "ü\u{0}\n", "<b>", "---", "a\"b\\c", "# x\r\n", "😀", "> q", "&lt;", " ", "[x](y)", "\u{7F}",
    ]

    static func random(_ generator: inout Generator) -> PortableConversation {
        func text(_ generator: inout Generator) -> Text {
            generator.below(2) == 0 ? generator.pick(words) : nasty(&generator)
        }
        func maybe(_ generator: inout Generator) -> Text? { generator.below(2) == 0 ? nil : text(&generator) }
        func time(_ generator: inout Generator) -> Timestamp? {
            generator.below(3) == 0 ? nil : Timestamp(milliseconds: Int64(generator.below(4_000_000_000_000)))
        }
        func members(_ generator: inout Generator) -> Members {
            var members = Members()
            for index in 0..<generator.below(3) {
                let (word, number) = (text(&generator), generator.below(9))
                members[Text("k\(index)")] = generator.pick([
                    .string(word), .emptyObject, JSONFragment { $0.integer(number) }, JSONFragment { $0.null() },
                ])
            }
            return members
        }
        var conversation = PortableConversation()
        conversation.id = generator.pick([nil, "conv_1", "a.b-c", "Z"])
        conversation.userId = maybe(&generator)
        conversation.agentId = maybe(&generator)
        conversation.organizationId = maybe(&generator)
        conversation.projectId = maybe(&generator)
        conversation.type = maybe(&generator)
        conversation.title = maybe(&generator)
        for _ in 0..<generator.below(3) {
            let tag = text(&generator)
            if !conversation.tags.contains(tag) { conversation.tags.append(tag) }
        }
        conversation.instructions = maybe(&generator)
        conversation.archived = generator.below(2) == 0
        conversation.startTime = time(&generator)
        conversation.endTime = time(&generator)
        conversation.metadata = members(&generator)
        conversation.context = members(&generator)
        conversation.messages = (0..<generator.below(6)).map { index in
            let metadata = members(&generator)
            return PortableMessage(
                id: generator.pick([nil, Text("msg_\(index)"), Text("\(index).m-2")]),
                role: generator.pick(Role.allCases),
                content: text(&generator), time: time(&generator), metadata: JSONFragment { $0.object(metadata) })
        }
        return conversation
    }
}

extension PortableConversation {
    /// Every member but the messages, to be compared.
    var members: [String] {
        let texts: [Text?] = [
            id, userId, agentId, organizationId, projectId, type, title, instructions, startTime?.text, endTime?.text,
        ]
        return texts.map { $0.map { "\($0.utf8)" } ?? "-" } + ["\(tags.map(\.utf8))", "\(archived)"]
    }

    /// What Markdown leaves out.
    var unseen: [String] {
        [metadata, context].map { members in JSONFragment { $0.object(members) }.description }
    }
}

extension PortableMessage {
    var described: String { "\(role) \(id.map { "\($0.utf8)" } ?? "-") \(time?.text ?? "-") \(content.utf8)" }
}

extension JSONFragment {
    var description: String { String(decoding: bytes, as: UTF8.self) }
}
