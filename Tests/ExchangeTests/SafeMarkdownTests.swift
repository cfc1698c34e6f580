import Conversations
import Exchange
import Jansson
import TestSupport
import Testing

@Suite("Markdown that does nothing") struct SafeMarkdownTests {
    static let attacks: [Text] = [
        "<script>alert(1)</script>", "</p>", "<!-- x -->", "<!DOCTYPE html>", "<?x?>", "<![CDATA[x]]>", "<A HREF=x>",
        "<https://x.y>", "<a@b.c>", "<\u{0}b>", "<<b>>", "\\<b>", "`<b>`", "```\n<b>\n```", "<b\n>",
        "[a](javascript:x)",
        "![a](http://x/y.png)", "[a][b]", "[a]: http://x", "[a]:\nhttp://x", "[![a](b)](c)", "\\[a](b)", "[a\\](b)",
        "[a]\r(b)", "x\r# heading", "x\r<b>", "x\r\n<b>", "a\n---\n<b>", "---\n---", "## user", "> > x", "\u{0}",
        "&lt;b>", "&#60;b>", "&amp;lt;b>", "a]\n(b)", "[a] (b)", "][", "](", "]:", "]](", "]][[", "<b", "</", "<!",
        "<?",
        "<", "]", "a\n\n<b>\n\n## user\n", "\n<b>", "\r\r", "]\r(", "<\rb", "&#93;(x)", "[^1]: x", "[ ](x)", "[x]::",
    ]

    @Test("Attacks, wherever a text can stand", arguments: attacks)
    func table(_ attack: Text) throws { try expectSafe(attack) }

    @Test("Random texts", arguments: 0..<20)
    func random(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        for _ in 0..<60 { try expectSafe(Sample.nasty(&generator, "<>&[]()!:#`-*_\\~\"ax\n\r/?")) }
    }

    /// Puts the text wherever there is one in a conversation, and looks at every line.
    private func expectSafe(_ attack: Text) throws {
        for title in [nil, attack] as [Text?] {
            var conversation = PortableConversation()
            conversation.id = "c"
            conversation.title = title
            conversation.userId = attack
            conversation.agentId = attack
            conversation.organizationId = attack
            conversation.projectId = attack
            conversation.type = attack
            conversation.instructions = attack
            conversation.tags = [attack, attack]
            conversation.messages = [
                Sample.message(attack, id: attack, time: Sample.time()), Sample.message(attack, role: .assistant),
                Sample.message("", id: attack),
            ]
            try expectSafe(conversation)
        }
    }

    private func expectSafe(_ conversation: PortableConversation) throws {
        let lines = conversation.markdown.split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect(lines.first == Array("---".utf8)[...])
        let end = try #require(lines.dropFirst().firstIndex(of: Array("---".utf8)[...]))
        for line in lines[1..<end] { expectPlain(line) }
        let body = lines[(end + 1)...]
        for line in body { expectHarmless(line) }
        // Blank lines, one title, a heading for each message: everything else stands behind `>`.
        let open = body.filter { !$0.isEmpty && $0.first != UInt8(ascii: ">") }
        #expect(open.first?.starts(with: Array("# ".utf8)) == true)
        #expect(open.dropFirst().allSatisfy { $0.starts(with: Array("## ".utf8)) })
        #expect(open.count == conversation.messages.count + 1)
        let quoted = conversation.messages.reduce(0) { sum, message in
            message.content.isEmpty ? sum : sum + message.content.utf8.count { $0 == 0x0A } + 1
        }
        #expect(body.count { $0.first == UInt8(ascii: ">") } == quoted)
    }

    /// `name: "value"`, or for tags `[…]`, and nothing in it that Markdown knows.
    private func expectPlain(_ line: ArraySlice<UInt8>) {
        let text = String(decoding: line, as: UTF8.self)
        let parts = text.split(separator: ": ", maxSplits: 1)
        guard parts.count == 2 else {
            Issue.record("\(text)")
            return
        }
        let value = parts[0] == "tags" ? parts[1].dropFirst().dropLast() : parts[1]
        #expect(!value.contains { "<>&[]\r\0".contains($0) }, "\(text)")
    }

    private func expectHarmless(_ line: ArraySlice<UInt8>) {
        let text = String(decoding: line, as: UTF8.self)
        for (byte, next) in zip(line, line.dropFirst()) {
            let isTag = byte == UInt8(ascii: "<") && (isLetter(next) || "/!?".utf8.contains(next))
            #expect(!isTag, "\(text)")
            #expect(!(byte == UInt8(ascii: "]") && "([:".utf8.contains(next)), "\(text)")
        }
        #expect(!line.contains(0x0D) && !line.contains(0), "\(text)")
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: false
        }
    }

    @Test("What does nothing is left as people wrote it")
    func readable() {
        let content: Text = "1 < 2 & 3 > 2, a[1] = b[2]; *c* `d` https://e.f <3 &nbsp; [x] ]"
        let text = String(decoding: Sample.conversation(content).markdown, as: UTF8.self)
        #expect(text.contains("\n> \(content)\n"))
    }
}
