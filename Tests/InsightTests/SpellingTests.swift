import Testing

@testable import Insight

/// People's keyboards and file systems put letters together in different ways that nobody can see.
@Suite("How letters are put together") struct SpellingTests {
    /// Spellings that Unicode calls canonically equivalent, and the cases of them.
    static let same: [[String]] = [
        ["größe", "gro\u{308}ße", "GRÖSSE", "GRO\u{308}SSE", "Gro\u{308}ẞe"], ["é", "e\u{301}", "É", "E\u{301}"],
        ["\u{212B}ngström", "\u{C5}ngstro\u{308}m", "A\u{30A}NGSTRÖM", "ångström"],
        // Two marks, in any order that makes no difference.
        ["vi\u{1EC7}t", "vie\u{323}\u{302}t", "vie\u{302}\u{323}t", "vi\u{EA}\u{323}t", "vi\u{1EB9}\u{302}t", "VIỆT"],
        ["q\u{307}\u{323}", "q\u{323}\u{307}", "Q\u{323}\u{307}"], ["ש\u{5BC}\u{5C1}", "ש\u{5C1}\u{5BC}", "\u{FB2C}"],
        // Letters of which no part is an accent.
        ["한국어", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}\u{110B}\u{1165}", "하\u{11AB}국어"],
        ["কো", "ক\u{9C7}\u{9BE}"], ["கௌ", "க\u{BC6}\u{BD7}"], ["ガス", "カ\u{3099}ス"],
        // One letter for another.
        ["ά", "\u{1F71}", "α\u{301}", "\u{1FBB}", "\u{386}"], ["豈", "\u{F900}"], ["\u{2126}", "Ω", "ω"],
        ["\u{212A}", "K"],
    ]

    @Test("Any spelling in the list finds any in a text", arguments: same)
    func spellings(_ spellings: [String]) {
        for word in spellings {
            let missed = spellings.filter { !Self.finds([word], in: $0) || !Self.finds([word], in: "1\($0)-\($0)2") }
            #expect(missed.isEmpty, "\(Self.shown(word)) in \(missed.map(Self.shown))")
        }
    }

    @Test("So do all of them in one list", arguments: same)
    func oneList(_ spellings: [String]) {
        let finder = WordFinder(spellings.map { Array($0.utf8) })
        for text in spellings {
            let found = finder.words(in: Array(text.utf8))
            #expect(found.count(in: spellings.indices) == spellings.count, "\(Self.shown(text))")
        }
    }

    @Test(
        "Another letter is another one, however it is spelled",
        arguments: [
            ("ö", ["o", "ó", "o\u{301}", "ő", "o\u{30B}", "õ"]), ("o\u{308}", ["o", "ó", "o\u{301}", "o \u{308}"]),
            ("한", ["하", "흔", "\u{1112}\u{1161}", "핝"]), ("e\u{323}\u{302}", ["e\u{302}", "ẹ", "e"]),
        ])
    func others(_ word: String, _ texts: [String]) {
        for text in texts { #expect(!Self.finds([word], in: text), "\(Self.shown(text))") }
    }

    @Test("Whether a word without an accent is within one that has it does not depend on how that is put together")
    func withoutAccent() {
        for (word, composed, decomposed) in [("cafe", "café", "cafe\u{301}"), ("o", "ö", "o\u{308}")] {
            #expect(Self.finds([word], in: composed) == Self.finds([word], in: decomposed), "\(word)")
        }
    }

    @Test(
        "A character that goes on behind the letter hides none of it", arguments: ["\u{200D}", "\u{200C}", "\u{FE0F}"])
    func longCharacters(_ joiner: String) {
        for text in ["größe", "gro\u{308}\(joiner)ße", "grö\(joiner)ße", "größe\(joiner)", "x\(joiner)gro\u{308}ße"] {
            #expect(Self.finds(["ö"], in: text), "\(Self.shown(text))")
        }
    }

    /// The time that it takes must not grow with the square of their number.
    @Test("Very many marks on one letter are looked through in no time", .timeLimit(.minutes(1)))
    func manyMarks() {
        let marks = String(repeating: "\u{301}\u{323}", count: 300_000)
        #expect(Self.finds(["größe"], in: "größe a\(marks)"))
    }

    private static func finds(_ words: [String], in text: String) -> Bool {
        !WordFinder(words.map { Array($0.utf8) }).words(in: Array(text.utf8)).isEmpty
    }

    private static func shown(_ text: String) -> String {
        text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
    }
}
