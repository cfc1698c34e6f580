import TestSupport
import Testing

@testable import Insight

/// The table that this is held to is CaseFolding.txt of the Unicode Character Database, C and F, between the
/// normalization forms D and C. But letters that it makes capital, those of the Cherokee, are small here, which makes
/// the same words equal.
@Suite("Upper and lower case") struct CaseFoldingTests {
    @Test(
        "Letters with something special about them",
        arguments: [
            ("AZaz09[`{@", "azaz09[`{@"), ("ÄÖÜ", "äöü"), ("ß", "ss"), ("ẞ", "ss"),
            ("STRASSE Straße STRAẞE", "strasse strasse strasse"),
            ("ςΣσ", "σσσ"), ("ſ", "s"), ("ẛ", "ṡ"), ("ﬅ", "st"), ("\u{212A}", "k"), ("\u{212B}", "å"),
            ("\u{2126}", "ω"),
            ("ﬁ ﬃ", "fi ffi"), ("ŉ", "ʼn"), ("ǰ J\u{30C}", "\u{1F0} \u{1F0}"), ("µ", "μ"), ("ϴϑ", "θθ"), ("ϐϵ", "βε"),
            // A dotted capital I keeps its dot, a dotless small one is no i.
            ("İ", "i\u{307}"), ("I", "i"), ("ı", "ı"), ("ǅ Ǆ ǆ", "ǆ ǆ ǆ"), ("ǈ", "ǉ"), ("ᾼ ᾳ", "αι αι"),
            ("\u{345}", "ι"),
            ("ΐ \u{1FD3} Ϊ\u{301}", "\u{390} \u{390} \u{390}"), ("և", "եւ"), ("Ა ა", "ა ა"), ("Ꭰ ꭰ", "ꭰ ꭰ"),
            ("Ᏸ ᏸ", "ᏸ ᏸ"), ("ᲀ В", "в в"),
            ("Ⅷ Ⓐ", "ⅷ ⓐ"), ("𐐀", "𐐨"), ("Ａ", "ａ"), ("日 א ก 😀 1 ٣", "日 א ก 😀 1 ٣"), ("\u{0}A\u{0}", "\u{0}a\u{0}"),
            ("Ɤ ɤ", "ɤ ɤ"), ("Ɐ", "ɐ"), ("ꙋ ᲈ Ꙋ", "ꙋ ꙋ ꙋ"),
        ])
    func table(_ text: String, _ folded: String) { #expect(Self.fold(text).utf8.elementsEqual(folded.utf8)) }

    /// FNV-1a over what python3 (3.11) makes of all assigned letters, a line end behind each:
    /// `normalize("NFC", normalize("NFD", letter).casefold())`.
    @Test("All letters of Unicode 14")
    func allLetters() {
        let letters = Self.scalars.filter { scalar in
            scalar.properties.age.map { $0.major <= 14 } == true && scalar.properties.generalCategory != .unassigned
        }
        #expect(letters.count == 282_230)
        var text = String.UnicodeScalarView()
        for letter in letters { text += [letter, "\n"] }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in Self.fold(String(text)).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        #expect(hash == 0x6193_4C3F_7979_0A9A)
    }

    @Test("A letter is folded as its upper, lower and title case are, also of a newer Unicode")
    func cases() {
        for scalar in Self.scalars where scalar != "ı" && scalar.properties.changesWhenCaseMapped {
            let folded = Self.fold("\(scalar)")
            let properties = scalar.properties
            for other in [properties.uppercaseMapping, properties.lowercaseMapping, properties.titlecaseMapping] {
                #expect(Self.fold(other).utf8.elementsEqual(folded.utf8), "U+\(String(scalar.value, radix: 16))")
            }
            #expect(Self.fold(folded).utf8.elementsEqual(folded.utf8), "U+\(String(scalar.value, radix: 16))")
        }
    }

    @Test("Letter by letter, where that is enough, comes to the same as the whole", arguments: 0..<20)
    func quickly(_ seed: UInt64) {
        var generator = Sample.generator(seed)
        // Letters that are read one by one, and beside them, in every second text, such as change those before them.
        let letters =
            Self.scalars.filter { $0.value < 0x530 || (0x3000...0x30FF).contains($0.value) }
            + "가힣€한中Ａａ！😀".unicodeScalars
        let marks = Array("\u{301}\u{308}\u{323}\u{345}\u{3099}\u{11A8}\u{11C2}\u{1161}\u{9BE}".unicodeScalars)
        for _ in 0..<500 {
            let text = (0..<1 + generator.below(6)).map { place in
                seed % 2 == 0 || place % 2 == 0 ? generator.pick(letters) : generator.pick(marks)
            }.reduce(into: "") { $0.unicodeScalars.append($1) }
            #expect(
                CaseFolding.folded(Array(text.utf8)) == CaseFolding.whole(text.unicodeScalars),
                "\(Array(text.unicodeScalars))")
        }
    }

    private static let scalars = (0...0x10_FFFF).compactMap { Unicode.Scalar(UInt32($0)) }

    private static func fold(_ text: String) -> String {
        String(decoding: CaseFolding.folded(Array(text.utf8)), as: UTF8.self)
    }
}
