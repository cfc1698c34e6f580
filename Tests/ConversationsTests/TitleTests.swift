import Conversations
import Jansson
import Testing

@Suite("The title of a conversation that was given none") struct TitleTests {
    @Test(
        "The first line of the first user message",
        arguments: [
            ("Hello there", "Hello there"), ("Hello\nthere", "Hello"), ("Hello\r\nthere", "Hello"),
            ("Hello\rthere", "Hello"),
            ("\n\r\n \t\nHello \t\nx", "Hello"), ("  Hello  ", "Hello"), ("a\u{2028}b", "a\u{2028}b"), ("ü", "ü"),
            (String(repeating: "x", count: 80), String(repeating: "x", count: 80)),
            (String(repeating: "x", count: 81), String(repeating: "x", count: 80)),
            (String(repeating: "ü", count: 5000), String(repeating: "ü", count: 80)),
            (String(repeating: "👩‍👩‍👧‍👦", count: 100), String(repeating: "👩‍👩‍👧‍👦", count: 80)),
            (String(repeating: "e\u{301}", count: 100), String(repeating: "e\u{301}", count: 80)),
            (String(repeating: "\n", count: 5000) + "late", "late"),
        ])
    func firstLine(_ content: String, _ title: String) {
        #expect(Sample.fold(Sample.started(), Sample.user(Text(content))).title == Text(title))
    }

    @Test("No character is cut into pieces, however many bytes it has")
    func longCharacters() {
        let flag = "🏴󠁧󠁢󠁥󠁮󠁧󠁿"
        let title = Sample.fold(Sample.started(), Sample.user(Text(String(repeating: flag, count: 100)))).title
        #expect(title == Text(String(repeating: flag, count: 80)))
    }

    @Test("A message of nothing but space gives none; the next one does", arguments: ["", " ", "\n\n", "\t\r\n "])
    func blank(_ content: String) {
        let blank = Sample.fold(Sample.started(), Sample.user(Text(content)))
        #expect(blank.title == nil && blank.wantsFirstLine)
        #expect(Sample.fold(Sample.started(), Sample.user(Text(content)), Sample.user("Words")).title == "Words")
    }

    @Test func laterMessagesDoNotChangeIt() {
        let conversation = Sample.fold(Sample.started(), Sample.user("One"), Sample.user("Two"))
        #expect(conversation.title == "One" && !conversation.wantsFirstLine)
    }

    @Test func onlyUsersGiveOne() {
        let welcome = Event.message(Message(id: "s", role: .system, content: "Welcome"))
        #expect(Sample.fold(Sample.started(), welcome, Sample.assistant("Reply")).title == nil)
    }

    @Test func whatWasSetComesFirst() {
        let started = Sample.started { $0.title = "Set" }
        #expect(Sample.fold(started, Sample.user("Words")).title == "Set")
    }
}
