import Jansson
import Testing

@Suite("Texts are their bytes") struct TextTests {
    @Test("Composed and decomposed letters are different texts, though equal strings")
    func bytewise() {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        #expect(composed == decomposed)
        #expect(Text(composed) != Text(decomposed))
        #expect(Set([Text(composed), Text(decomposed), Text(composed)]).count == 2)
    }

    @Test("Texts are ordered by their bytes")
    func order() {
        let sorted: [Text] = ["", "A", "Z", "a", "aa", "b", "\u{E9}", "\u{FFFF}", "\u{10000}"]
        #expect(sorted.reversed().sorted() == sorted)
    }

    @Test("A text from a literal, a string or bytes is the same")
    func making() {
        let literal: Text = "naïve"
        #expect(literal == Text("naïve"))
        #expect(literal == Text(utf8: Array("naïve".utf8)))
        #expect(literal.description == "naïve")
        #expect(Text("").isEmpty && !literal.isEmpty)
    }

    @Test("A text may hold what no string can")
    func anyBytes() {
        #expect(Text(utf8: [0x61, 0, 0xFF]).utf8 == [0x61, 0, 0xFF])
        #expect(Text(utf8: [0x61, 0]) != Text(utf8: [0x61]))
    }
}
