import Conversations
import Jansson
import Journal
import Testing

@Suite("What a list tells of a conversation") struct SummaryTests {
    private func preview(_ events: [Event]) throws -> Text? {
        let store = try TemporaryStore()
        _ = try store.create("c", events)
        var summary = try ConversationSummary("c", in: store.directory)
        #expect(summary.preview == nil)
        summary.loadPreview(in: store.directory)
        return summary.preview
    }

    @Test(
        "The preview is the last message on one line",
        arguments: [
            ("Hello", "Hello"), (" a\n\n b\t c ", "a b c"),
            (String(repeating: "é", count: 300), String(repeating: "é", count: 100)), ("", ""),
        ])
    func previews(_ content: String, _ shown: String) throws {
        #expect(try preview([Sample.user("first"), Sample.assistant(Text(content)), Sample.turnEnd()]) == Text(shown))
    }

    @Test("Without a message there is none")
    func empty() throws {
        #expect(try preview([]) == nil)
    }

    @Test("It is the conversation that the file tells of, with its damage")
    func conversation() throws {
        let store = try TemporaryStore()
        try store.put(Sample.file([Sample.user("Hi")]) + Array("garbage\n".utf8) + Sample.line(Sample.user("More"), 3))
        var summary = try ConversationSummary("c", in: store.directory)
        #expect(summary.conversation.messageCount == 2 && summary.conversation.title == "Hi")
        #expect(summary.damage.map(\.line) == [3])
        summary.loadPreview(in: store.directory)
        #expect(summary.preview == "More")
    }
}
