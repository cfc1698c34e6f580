import Conversations
import Exchange
import Jansson
import TestSupport
import Testing

@Suite("A conversation as Markdown") struct PortableMarkdownTests {
    private func again(_ conversation: PortableConversation) throws -> PortableConversation {
        try PortableConversation(markdown: conversation.markdown)
    }

    static let nasty: [Text] = [
        "", " ", "  x  ", "\n", "\n\n\n", "\r", "\r\n", "a\r\nb\r\n", "a\rb", "\n a\n", "a\n\nb", "a\n", "\ta\t",
        "\u{0}",
        "a\u{0}\n\u{0}b", "---", "---\nid: x\n---", "# x", "## user", "## user · 2026-01-01T00:00:00.000Z · m\n\n> x",
        "a\n## user", "> quoted", ">", ">>", ">  x", "> a\n> b", "```\ncode\n```", "~~~", "    indented",
        "<b>bold</b>", "<script>alert(1)</script>", "<!-- x -->", "<?php ?>", "<https://x.y>", "1 < 2", "<", "<\n",
        "a<",
        "[a](b)", "![a](b)", "[a][b]", "[a]: b", "[a]\n(b)", "]", "](", "[]", "\\](x)", "&", "&amp;", "&lt;",
        "&amp;lt;", "&amp;amp;lt;", "&#93;(", "&#13;", "&#0;", "&amp", "&&lt;", "&lt", "lt;", "&#60;", "&nbsp;",
        "ü 😀 e\u{301} \u{2028} \u{85} \u{FEFF}", "| a | b |\n|---|---|", "*a* _b_ `c`", "- a\n- b", "***", "===\n---",
        "\u{7F}\u{1B}[0m", "a  \nb", "line\n\n", "· a · b", "$x$", "\\", "\\n", "title: x",
    ]

    @Test("Contents come back byte for byte", arguments: nasty)
    func contents(_ content: Text) throws {
        let conversation = Sample.conversation(content, "between", content, content)
        #expect(try again(conversation).messages.map(\.content) == conversation.messages.map(\.content))
    }

    @Test("Random contents too", arguments: 0..<20)
    func randomContents(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        for _ in 0..<100 {
            let alphabet = generator.pick([Sample.nastyAlphabet, "&;amplt#9301<]( ", "> \n\r&#x", "\n\r \t>"])
            let conversation = Sample.conversation(
                Sample.nasty(&generator, alphabet), Sample.nasty(&generator, alphabet))
            #expect(try again(conversation).messages.map(\.content) == conversation.messages.map(\.content))
        }
    }

    @Test("Members, roles, times and ids come back; metadata and context stay behind", arguments: 0..<30)
    func everything(_ seed: UInt64) throws {
        var generator = Generator(seed: seed &+ 50)
        for _ in 0..<10 {
            let conversation = Sample.random(&generator)
            let read = try again(conversation)
            #expect(read.members == conversation.members)
            #expect(read.messages.map(\.described) == conversation.messages.map(\.described))
            #expect(read.unseen == ["{}", "{}"] && read.messages.allSatisfy { $0.metadata == .emptyObject })
        }
    }

    @Test("Every member has a place of its own in the front matter", arguments: nasty)
    func frontMatter(_ text: Text) throws {
        var conversation = PortableConversation()
        conversation.userId = text
        conversation.title = text
        conversation.tags = [text, "other"]
        conversation.instructions = text
        let read = try again(conversation)
        #expect(read.members == conversation.members)
    }

    @Test("What it looks like")
    func shape() throws {
        var conversation = PortableConversation()
        conversation.id = "c"
        conversation.title = "A <b>"
        conversation.tags = ["x", "y"]
        conversation.archived = true
        conversation.startTime = Sample.time()
        conversation.messages = [
            Sample.message("Hi <b>\n\nyou", id: "msg_1", time: Sample.time()), Sample.message("", role: .system),
            Sample.message("# No", role: .assistant, id: "not an id", time: Sample.time(1)),
        ]
        let expected = #"""
            ---
            id: "c"
            title: "A \u003cb\u003e"
            startTime: "2026-11-22T09:10:43.123Z"
            tags: ["x", "y"]
            archived: true
            ---

            # A &lt;b>

            ## user · 2026-11-22T09:10:43.123Z · msg_1

            > Hi &lt;b>
            >
            > you

            ## system

            ## assistant · 2026-11-22T09:10:43.124Z

            > # No

            """#
        #expect(String(decoding: conversation.markdown, as: UTF8.self) == expected)
    }

    @Test("An id that looks like a date is an id", arguments: ["2026-01-01"])
    func dateAsID(_ id: String) throws {
        var conversation = PortableConversation()
        conversation.messages = [
            Sample.message("a", id: Text(id)), Sample.message("b", id: Text("\(id)-b"), time: Sample.time()),
        ]
        #expect(try again(conversation).messages.map(\.described) == conversation.messages.map(\.described))
    }

    @Test("Where an editor wrote CRLF, or took blanks at the ends of lines away, nothing is lost")
    func editors() throws {
        let conversation = Sample.conversation("a\n\nb", "", "c")
        let text = String(decoding: conversation.markdown, as: UTF8.self)
        let crlf = try PortableConversation(markdown: Array(text.replacing("\n", with: "\r\n").utf8))
        #expect(crlf.messages.map(\.content) == ["a\n\nb", "", "c"])
        let bare = try PortableConversation(markdown: Array(text.utf8.dropLast()))
        #expect(bare.messages.map(\.content) == ["a\n\nb", "", "c"])
    }

    @Test("What people write by hand is read too")
    func byHand() throws {
        let text =
            "---\ntitle:   \"T\"  \ntags: []\n---\n \t\n## user\n>one\n>  two\n\n## assistant · m1\n> x &amp; &lt;y"
        let conversation = try PortableConversation(markdown: Array(text.utf8))
        #expect(conversation.title == "T" && conversation.tags.isEmpty && conversation.messages.count == 2)
        #expect(conversation.messages.map(\.content) == ["one\n two", "x &amp; <y"])
        #expect(conversation.messages.map(\.id) == [nil, "m1"])
    }

    @Test(
        "What is wrong is told with its line",
        arguments: [
            ("", "line 1", "---"), ("# T\n", "line 1", "---"), ("\n---\n---\n", "line 1", "---"),
            ("---\nid\n---\n", "line 2", "name: value"), ("---\nid: \"c\"\ntitle: T\n---\n", "line 3", "name: value"),
            ("---\n\n---\n", "line 2", "name: value"), ("---\nid: \"c\"\n\n# x\n", "line 3", "name: value"),
            ("---\nid: {\"a\":1,\"a\":2}\n---\n", "line 2", "name: value"),
            ("---\n---\nHello\n", "line 3", "block quote"), ("---\n---\n> Hello\n", "line 3", "block quote"),
            ("---\n---\n## user\n> a\nb\n", "line 5", "block quote"),
            ("---\n---\n## user\n\n a\n", "line 5", "block quote"),
            ("---\n---\n## User\n", "line 3", "## user"), ("---\n---\n## robot · x\n", "line 3", "## user"),
            ("---\n---\n## \n", "line 3", "## user"), ("---\n---\n\n## user · a · b · c\n", "line 4", "## user"),
            ("---\n---\n### user\n", "line 3", "block quote"), ("---\n---\n##user\n", "line 3", "block quote"),
            ("---\nid: 7\n---\n", "conversation.id", "a string"),
            ("---\nauthor: 7\n---\n", "conversation.author", "no"),
            ("---\nid: \"/\"\n---\n", "conversation.id", "letters"),
            ("---\nstartTime: \"x\"\n---\n", "conversation.startTime", "RFC 3339"),
            ("---\ntags: \"x\"\n---\n", "conversation.tags", "strings"),
        ])
    func faults(_ text: String, _ place: String, _ word: String) {
        #expect {
            try PortableConversation(markdown: Array(text.utf8))
        } throws: { error in
            let fault = error as? ExchangeFault
            return fault?.place == place && fault?.reason.contains(word) == true
        }
    }

    @Test(
        "What is no UTF-8 is refused, for it could not be stored",
        arguments: ["---\n---\n## user\n\n> x!\n", "---\n---\n## user · m!\n", "---\ntitle: \"x!\"\n---\n"])
    func invalidText(_ text: String) {
        let bytes = text.utf8.map { $0 == UInt8(ascii: "!") ? 0xFF : $0 }
        #expect(throws: ExchangeFault.self) { try PortableConversation(markdown: bytes) }
    }
}
