import Jansson
import TestSupport
import Testing

@Suite("How strings are written") struct StringWritingTests {
    /// Every byte that can't stand in a string as it is, and what stands for it.
    static let escapes: [(byte: UInt8, text: String)] = named + unnamed

    private static let named: [(byte: UInt8, text: String)] = [
        (0x08, "\\b"), (0x09, "\\t"), (0x0A, "\\n"), (0x0C, "\\f"), (0x0D, "\\r"), (0x22, "\\\""), (0x5C, "\\\\"),
    ]

    private static let unnamed: [(byte: UInt8, text: String)] = (UInt8(0)..<0x20)
        .filter { byte in !named.contains { $0.byte == byte } }
        .map { byte in (byte, "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)) }

    /// The writer looks at eight bytes at a time, so where in them a byte stands must make no difference.
    @Test("A byte is escaped wherever it stands", arguments: escapes)
    func escaped(_ byte: UInt8, _ text: String) {
        let letters = Array("abcdefghijklmnopqrstu".utf8)
        for position in 0...20 {
            var content = letters
            content[position] = byte
            let expected = "\"" + string(letters[..<position]) + text + string(letters[(position + 1)...]) + "\""
            #expect(JSONFragment.string(Text(utf8: content)).description == expected)
        }
    }

    @Test("Two bytes to escape are both found", arguments: 0..<17)
    func pairs(_ first: Int) {
        for second in (first + 1)..<18 {
            var content = [UInt8](repeating: UInt8(ascii: "x"), count: 19)
            content[first] = UInt8(ascii: "\"")
            content[second] = 0x1F
            let expected = content.map { $0 == 0x22 ? "\\\"" : $0 == 0x1F ? "\\u001f" : "x" }.joined()
            #expect(JSONFragment.string(Text(utf8: content)).description == "\"\(expected)\"")
        }
    }

    @Test(
        "Everything else stands as it is",
        arguments: [
            "", "a", "/", "\u{7F}", "\u{80}", "ü", "ûber den Wolken, 雲の上", "\u{2028}\u{2029}", "\u{85}", "👩‍👩‍👧‍👦",
            "e\u{301}", "\u{10FFFF}",
            "!#[]^`{|}~", "\u{FEFF}",
        ])
    func plain(_ content: String) {
        #expect(JSONFragment.string(Text(content)).bytes == Array("\"\(content)\"".utf8))
        var writer = JSONWriter()
        writer.string(content)
        #expect(writer.bytes == JSONFragment.string(Text(content)).bytes)
    }

    @Test("No byte of 0x20 and above is taken for one to escape, at any place of a word")
    func allOtherBytes() {
        for byte in UInt8(0x20)...0xFF where byte != 0x22 && byte != 0x5C {
            for length in [1, 7, 8, 9, 16] {
                let content = [UInt8](repeating: byte, count: length)
                #expect(JSONFragment.string(Text(utf8: content)).bytes == [0x22] + content + [0x22])
            }
        }
    }

    @Test("Random strings read back as they were", arguments: 0..<8)
    func readsBack(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        for _ in 0..<100 {
            let bound = generator.pick([0x30, 0x80, 0x100, 0x3000, 0x11_0000])
            let scalars = (0..<generator.below(40)).compactMap { _ in Unicode.Scalar(1 + UInt32(generator.below(bound)))
            }
            let content = String(String.UnicodeScalarView(scalars))
            let text = Text(content)
            #expect(try JSON.parse(JSONFragment.string(text).bytes).text == text)
            let object = JSONFragment {
                $0.beginObject()
                $0.key(named: text)
                $0.null()
                $0.endObject()
            }
            #expect(Members(try JSON.parse(object.bytes)).list.map(\.name) == [text])
        }
    }

    private func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
