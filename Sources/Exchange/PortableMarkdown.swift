import Conversations
import Jansson

/// A conversation as Markdown, for people: front matter, then each message under a heading, in a block quote.
///
/// Metadata and context are not part of it; contents are, byte for byte.
extension PortableConversation {
    package var markdown: [UInt8] {
        var text = Array("---\n".utf8)
        for (name, value) in frontMatter { text += Array("\(name): ".utf8) + value + [0x0A] }
        let heading = (title ?? id ?? "Conversation").utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        text += Array("---\n\n# ".utf8) + SafeMarkdown.encoded(heading) + [0x0A]
        for message in messages {
            text += Array("\n\(Self.heading(of: message))\n".utf8)
            if !message.content.isEmpty { text.append(0x0A) }
            text += Self.quoted(message.content)
        }
        return text
    }

    private var frontMatter: [(name: String, value: [UInt8])] {
        let texts: [(String, Text?)] = [
            ("id", id), ("userId", userId), ("agentId", agentId), ("organizationId", organizationId),
            ("projectId", projectId), ("type", type), ("title", title), ("instructions", instructions),
            ("startTime", startTime?.text), ("endTime", endTime?.text),
        ]
        var members = texts.compactMap { name, text in text.map { (name, Self.plain(.string($0))) } }
        if !tags.isEmpty {
            let list = tags.map { Self.plain(.string($0)) }.joined(separator: Array(", ".utf8))
            members.append(("tags", Array("[".utf8) + list + Array("]".utf8)))
        }
        if archived { members.append(("archived", Array("true".utf8))) }
        return members
    }

    /// A JSON string without anything that could become HTML or a link where a renderer doesn't know front matter.
    private static func plain(_ string: JSONFragment) -> [UInt8] {
        string.bytes.flatMap { byte -> [UInt8] in
            "<>&[]".utf8.contains(byte) ? Array("\\u00\(String(byte, radix: 16))".utf8) : [byte]
        }
    }

    private static func heading(of message: PortableMessage) -> String {
        var parts = [message.role.rawValue]
        if let time = message.time { parts.append("\(time.text)") }
        if let id = message.id, Identifier.isConversationID(id) { parts.append("\(id)") }
        return "## " + parts.joined(separator: " · ")
    }

    private static func quoted(_ content: Text) -> [UInt8] {
        if content.isEmpty { return [] }
        return content.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).flatMap { line -> [UInt8] in
            line.isEmpty ? Array(">\n".utf8) : Array("> ".utf8) + SafeMarkdown.encoded(line) + [0x0A]
        }
    }
}

// MARK: Reading

extension PortableConversation {
    /// Reads what `markdown` writes.
    package init(markdown text: [UInt8]) throws(ExchangeFault) {
        // A file may hold anything; what is no UTF-8 could not be read back from ours.
        if String(validating: text, as: UTF8.self) == nil { throw ExchangeFault("the text", "it must be UTF-8") }
        var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        var number = 0
        func next() -> [UInt8]? {
            number += 1
            return lines.popFirst().map { $0.last == 0x0D ? Array($0.dropLast()) : Array($0) }
        }
        guard next() == Array("---".utf8) else {
            throw ExchangeFault("line 1", "a conversation in Markdown begins with `---` and its members")
        }
        var members = Members()
        while let line = next(), line != Array("---".utf8) { try Self.read(member: line, number, into: &members) }
        try self.init(frontMatter: members)
        var content: [[UInt8]] = []
        var blanks = 0
        while let line = next() {
            if line.starts(with: Array("## ".utf8)) {
                finishMessage(&content)
                messages.append(try Self.message(heading: line, number))
            } else if line.first == UInt8(ascii: ">"), !messages.isEmpty {
                // Who edits it by hand may leave a blank line inside of a quote.
                content += Array(repeating: [], count: content.isEmpty ? 0 : blanks)
                content.append(SafeMarkdown.decoded(line.dropFirst(line.dropFirst().first == 0x20 ? 2 : 1)))
            } else if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                blanks += 1
                continue
            } else if !messages.isEmpty || !line.starts(with: Array("# ".utf8)) {
                throw ExchangeFault(
                    "line \(number)", "what is said stands in a block quote, each line behind a `>`")
            }
            blanks = 0
        }
        finishMessage(&content)
    }

    private mutating func finishMessage(_ content: inout [[UInt8]]) {
        if !messages.isEmpty {
            messages[messages.count - 1].content = Text(utf8: Array(content.joined(separator: [0x0A])))
        }
        content = []
    }

    private static func message(heading: [UInt8], _ number: Int) throws(ExchangeFault) -> PortableMessage {
        let parts = String(decoding: heading.dropFirst(3), as: UTF8.self).split(separator: " · ").map(String.init)
        guard let role = parts.first.flatMap({ Role(rawValue: $0) }), parts.count <= 3 else {
            throw ExchangeFault("line \(number)", "a message's heading is `## user · time · id`")
        }
        var message = PortableMessage(id: nil, role: role, content: "", time: nil)
        for part in parts.dropFirst() {
            // An id can look like a date, but has no colon.
            if part.contains(":"), let time = Timestamp(part.utf8) {
                message.time = time
            } else {
                message.id = Text(part)
            }
        }
        return message
    }

    private static func read(member line: [UInt8], _ number: Int, into members: inout Members) throws(ExchangeFault) {
        let text = String(decoding: line, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":"), let value = try? JSON.parse(text[text.index(after: colon)...].utf8)
        else { throw ExchangeFault("line \(number)", "a member is `name: value`, the value being JSON") }
        members[Text(String(text[..<colon]))] = JSONFragment(value)
    }

    /// The members are those of the JSON form, which knows what each must be.
    private init(frontMatter members: Members) throws(ExchangeFault) {
        var members = members
        members["messages"] = JSONFragment {
            $0.beginArray()
            $0.endArray()
        }
        let object: JSON
        do throws(JSONSyntaxError) {
            object = try JSON.parse(JSONFragment { $0.object(members) }.bytes)
        } catch {
            throw ExchangeFault("line 1", "its members can't be read: \(error.reason)")
        }
        try self.init(object)
    }
}
