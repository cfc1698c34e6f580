import Agents
import Jansson
import Testing

@testable import ParleyHost

@Suite("What is said of a reply, and to whom") struct ReplyStreamTests {
    private let watcher = Call(id: .integer(1), number: 1, batch: nil)

    private func stream(watched: Bool = true, _ telling: ReplyStream.Telling = .together) -> ReplyStream {
        let stream = ReplyStream(.execution("e"), isOpen: true, telling: telling)
        if watched { stream.watchers = [watcher] }
        return stream
    }

    /// "text 0 Hello"
    private func shown(_ pieces: [ReplyStream.Piece]) -> [String] {
        pieces.map { "\($0.kind.rawValue) \($0.offset) \(Text(utf8: $0.text))" }
    }

    @Test(
        "Neighbours of one kind are one piece, and each knows how much of its kind came before it",
        arguments: [
            ([], [], ""), ([(.text, "")], [], ""), ([(.text, "a")], ["text 0 a"], "a"),
            ([(.text, "a"), (.text, "b")], ["text 0 ab"], "ab"),
            ([(.text, "a"), (.text, ""), (.text, "b")], ["text 0 ab"], "ab"),
            ([(.text, "a"), (.thought, ""), (.text, "b")], ["text 0 ab"], "ab"),
            ([(.text, "ü"), (.thought, "x"), (.text, "b")], ["text 0 ü", "thought 0 x", "text 2 b"], "üb"),
            (
                [(.thought, "ü"), (.tool, "t"), (.thought, "b"), (.thought, "c"), (.tool, "u")],
                ["thought 0 ü", "tool 0 t", "thought 2 bc", "tool 1 u"], ""
            ),
            (
                [(.tool, "t"), (.text, "a"), (.tool, "u"), (.text, "b"), (.thought, "x")],
                ["tool 0 t", "text 0 a", "tool 1 u", "text 1 b", "thought 0 x"], "ab"
            ),
        ] as [([(ReplyPiece.Kind, String)], [String], String)])
    func merging(_ said: [(ReplyPiece.Kind, String)], _ pieces: [String], _ text: String) {
        let stream = stream()
        for (kind, text) in said { #expect(stream.add(ReplyPiece(kind, Text(text)))) }
        #expect(shown(stream.untold) == pieces)
        #expect(shown(stream.takeUntold()) == pieces && stream.takeUntold().isEmpty)
        #expect(Text(utf8: stream.text) == Text(text))
    }

    @Test(
        "In virtual time each piece is told as it came, or all of them at the end, so that chance makes no difference",
        arguments: [
            (ReplyStream.Telling.each, ["text 0 a", "text 1 b", "thought 0 x", "text 2 c"]),
            (.atTheEnd, ["text 0 ab", "thought 0 x", "text 2 c"]),
        ])
    func virtualTime(_ telling: ReplyStream.Telling, _ pieces: [String]) {
        let stream = stream(telling)
        for text in ["a", "", "b"] as [Text] { #expect(stream.add(ReplyPiece(.text, text))) }
        #expect(stream.add(ReplyPiece(.thought, "x")) && stream.add(ReplyPiece(.text, "c")))
        #expect(shown(stream.takeUntold()) == pieces)
    }

    @Test("What was told is not told again, and offsets go on from there")
    func goingOn() {
        let stream = stream()
        var told: [[String]] = []
        for said in ["a", "bc", "", "d"] {
            #expect(stream.add(ReplyPiece(.text, Text(said))))
            #expect(stream.add(ReplyPiece(.thought, Text(said))))
            told.append(shown(stream.takeUntold()))
        }
        #expect(
            told == [["text 0 a", "thought 0 a"], ["text 1 bc", "thought 1 bc"], [], ["text 3 d", "thought 3 d"]])
    }

    @Test("Where nobody watches, the text is kept and nothing waits to be told")
    func unwatched() {
        let stream = stream(watched: false)
        #expect(stream.add(ReplyPiece(.text, "ab")) && stream.add(ReplyPiece(.thought, "x")))
        #expect(stream.untold.isEmpty && Text(utf8: stream.text) == "ab")
        // Who comes later gets the text so far as one piece; and the pieces behind it follow on.
        #expect(shown([stream.whole]) == ["text 0 ab"])
        stream.tellsFromTheStart()
        stream.watchers = [watcher]
        #expect(stream.add(ReplyPiece(.text, "c")))
        #expect(shown(stream.takeUntold()) == ["text 0 abc"])
    }

    @Test("Where nothing was said, there is nothing to tell from the start")
    func nothingFromTheStart() {
        let stream = stream(watched: false)
        stream.tellsFromTheStart()
        #expect(stream.untold.isEmpty)
    }

    @Test(
        "The end of a reply tells what it has more than was said; where it is another reply, nothing",
        arguments: [
            ("", "Hello", ["text 0 Hello"], "Hello"), ("Hello", "Hello", ["text 0 Hello"], "Hello"),
            ("Hel", "Hello", ["text 0 Hello"], "Hello"), ("Hello", "Hell", ["text 0 Hello"], "Hello"),
            ("Hello", "Hallo", ["text 0 Hello"], "Hello"), ("Hello", "", ["text 0 Hello"], "Hello"), ("", "", [], ""),
            // Byte for byte, whatever the letters look like.
            ("e", "e\u{301}", ["text 0 e\u{301}"], "e\u{301}"), ("é", "e\u{301}", ["text 0 é"], "é"),
        ])
    func complete(_ said: String, _ reply: String, _ pieces: [String], _ text: String) {
        let stream = stream()
        #expect(stream.add(ReplyPiece(.text, Text(said))))
        stream.complete(Text(reply))
        #expect(shown(stream.takeUntold()).map { Text($0) } == pieces.map { Text($0) })
        #expect(Text(utf8: stream.text) == Text(text))
    }

    @Test("The rest comes behind what was told already")
    func completeLater() {
        let stream = stream()
        #expect(stream.add(ReplyPiece(.text, "Hel")) && stream.add(ReplyPiece(.tool, "bell")))
        _ = stream.takeUntold()
        stream.complete("Hello")
        #expect(shown(stream.takeUntold()) == ["text 3 lo"])
    }

    @Test("A reply may have so many bytes of each kind, and not one more", arguments: ReplyPiece.Kind.allCases)
    func bound(_ kind: ReplyPiece.Kind) {
        let stream = stream(watched: false)
        let half = Text(utf8: [UInt8](repeating: 0x78, count: ReplyPiece.bound / 2))
        #expect(stream.add(ReplyPiece(kind, half)) && stream.add(ReplyPiece(kind, half)))
        for other in ReplyPiece.Kind.allCases where other != kind { #expect(stream.add(ReplyPiece(other, "x"))) }
        #expect(!stream.add(ReplyPiece(kind, "x")))
    }
}
