import Jansson
import Testing

@testable import Agents

@Suite("What a command writes becomes pieces of a reply") struct ReplyReaderTests {
    /// Hands bytes over as they are cut, and answers with the pieces and the whole.
    private func read(_ parts: [[UInt8]]) -> (pieces: [Text], whole: Text) {
        var reader = ReplyReader()
        let pieces = parts.compactMap { reader.add($0) }
        return (pieces, reader.finish())
    }

    @Test(
        "Line ends are told when something follows them, and characters when they are whole",
        arguments: [
            (["hi"], ["hi"], "hi"), ([], [], ""), ([""], [], ""), (["a", "", "b"], ["a", "b"], "ab"),
            // Line ends.
            (["hi\n"], ["hi"], "hi"), (["hi", "\n"], ["hi"], "hi"), (["hi\n", "you"], ["hi", "\nyou"], "hi\nyou"),
            (["hi\r\n"], ["hi"], "hi"), (["hi\r", "\nyou\n"], ["hi", "\r\nyou"], "hi\r\nyou"),
            (["\n\n"], [], ""), (["\n", "\r\n", "x"], ["\n\r\nx"], "\n\r\nx"),
            (["x\n\n\ny\n\n"], ["x\n\n\ny"], "x\n\n\ny"),
            (["\r"], [], ""), ([" \n"], [" "], " "), (["a\n\u{0}"], ["a\n\u{0}"], "a\n\u{0}"),
            // Characters of two, three and four bytes, cut wherever they can be.
            (["x\u{C3}", "\u{BC}"], ["x", "ü"], "xü"), (["\u{E2}", "\u{82}\u{AC}"], ["€"], "€"),
            (["\u{E2}\u{82}", "\u{AC}"], ["€"], "€"), (["\u{F0}", "\u{9F}", "\u{98}", "\u{80}"], ["😀"], "😀"),
            (["\u{F0}\u{9F}\u{98}", "\u{80}!"], ["😀!"], "😀!"), (["a\n\u{E2}", "\u{82}\u{AC}"], ["a", "\n€"], "a\n€"),
            // No UTF-8: each stretch that could have begun a character is one U+FFFD.
            (["\u{FF}"], ["\u{FFFD}"], "\u{FFFD}"), (["a\u{80}b"], ["a\u{FFFD}b"], "a\u{FFFD}b"),
            (["\u{C0}\u{AF}"], ["\u{FFFD}\u{FFFD}"], "\u{FFFD}\u{FFFD}"),
            (["\u{ED}\u{A0}\u{80}"], ["\u{FFFD}\u{FFFD}\u{FFFD}"], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            (["\u{C3}", "A"], ["\u{FFFD}A"], "\u{FFFD}A"), (["\u{F5}"], ["\u{FFFD}"], "\u{FFFD}"),
            // A character that is never finished is told at the end.
            (["x\u{E2}\u{82}"], ["x"], "x\u{FFFD}"), (["x\n\u{E2}"], ["x"], "x\n\u{FFFD}"),
            (["\u{F0}\u{9F}\u{98}", "\n"], ["\u{FFFD}"], "\u{FFFD}"),
        ] as [([String], [String], String)])
    func table(_ parts: [String], _ pieces: [String], _ whole: String) {
        let read = read(parts.map(bytes))
        #expect(read.pieces == pieces.map { Text($0) })
        #expect(read.whole == Text(whole))
    }

    /// Each scalar up to U+00FF as the byte of its number, so that bytes that are no UTF-8 can be written down.
    private func bytes(_ part: String) -> [UInt8] {
        part.unicodeScalars.map { UInt8($0.value) }
    }

    /// Line ends, letters, and bytes that begin, go on with, or never are in characters of every length.
    private static let alphabet: [UInt8] = [
        0x0A, 0x0D, 0x41, 0x80, 0xA0, 0xBF, 0xC0, 0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xF4, 0xFF,
    ]

    @Test("However short texts are cut, the whole is the same", arguments: alphabet)
    func everyCut(_ first: UInt8) {
        for second in Self.alphabet {
            for third in Self.alphabet {
                // What may begin four bytes is tried with a fourth one.
                for bytes in [[first, second, third], [first, second, third, 0x80]].prefix(first < 0xF0 ? 1 : 2) {
                    for cuts in 0..<UInt64(1 << (bytes.count - 1)) { expectSame(bytes, cut: { cuts >> $0 & 1 == 1 }) }
                }
            }
        }
    }

    @Test("However long ones are cut, the whole is the same", arguments: 1...60)
    func random(_ seed: UInt64) {
        // Knuth's multiplier: the same cases on every machine.
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let whole = Array("a\n\r\nü€😀".utf8)
        var bytes: [UInt8] = []
        for _ in 0..<below(200) {
            switch below(3) {
            case 0: bytes += whole
            case 1: bytes.append(Self.alphabet[below(Self.alphabet.count)])
            default: bytes.append(UInt8(below(256)))
            }
        }
        let cuts = bytes.map { _ in below(4) == 0 }
        expectSame(bytes, cut: { cuts[$0] })
    }

    /// - Parameter cut: whether there is a cut behind the byte at that place.
    private func expectSame(_ bytes: [UInt8], cut: (Int) -> Bool) {
        var parts: [[UInt8]] = [[]]
        for (place, byte) in bytes.enumerated() {
            parts[parts.count - 1].append(byte)
            if cut(place) { parts.append([]) }
        }
        let (pieces, whole) = read(parts)
        var kept = bytes[...]
        while kept.last == 0x0A || kept.last == 0x0D { kept.removeLast() }
        let told = pieces.flatMap(\.utf8)
        let isSame =
            whole == Text(String(decoding: kept, as: UTF8.self)) && whole.utf8.starts(with: told)
            // Only what may have begun a character is left for the end, with the line ends in front of it.
            && ["", "\u{FFFD}", "\u{FFFD}\u{FFFD}", "\u{FFFD}\u{FFFD}\u{FFFD}"].contains(
                String(decoding: whole.utf8[told.count...].filter { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self))
            && pieces.allSatisfy { !$0.isEmpty && String(validating: $0.utf8, as: UTF8.self) != nil }
        if !isSame { Issue.record("\(parts): \(pieces.map(\.utf8)), \(whole.utf8)") }
    }

    @Test("What it has is counted as it came, with the line ends that are held back")
    func count() {
        var reader = ReplyReader()
        #expect(reader.count == 0)
        _ = reader.add(Array("ab\n\n".utf8))
        #expect(reader.count == 4)
        _ = reader.add([0xE2])
        #expect(reader.count == 5)
    }
}
