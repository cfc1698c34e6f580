import TestSupport
import Testing

@testable import Insight

@Suite("Finding words") struct WordFinderTests {
    static let rows: [([String], String, [Int])] = [
        // Wherever the letters stand, in whatever case.
        (["great"], "great", [0]), (["great"], "GrEaT", [0]), (["GREAT"], "great", [0]), (["great"], "ungreatful", [0]),
        (["great"], "grea", []), (["great"], "gre at", []), (["great"], "", []), (["call back"], "Call Back!", [0]),
        (["call back"], "call  back", []), (["a"], "A", [0]), (["+1 (a)"], "x+1 (A)y", [0]),
        // Words of which one is a part of the other.
        (["he", "she", "his", "hers"], "ushers", [0, 1, 3]), (["a", "ab", "abc", "bc", "c"], "abc", [0, 1, 2, 3, 4]),
        (["abcd", "bc"], "abce", [1]), (["abcd", "bcx"], "abcx", [1]), (["aab", "ab", "b"], "aaab", [0, 1, 2]),
        (["ananas", "nab"], "anananab", [1]), (["aaa"], "aab aa", []), (["abab", "ba"], "aba", [1]),
        (["abcabd", "cab", "d"], "abcabcabd", [0, 1, 2]), (["bud", "budget", "get"], "BUDGET", [0, 1, 2]),
        // Twice in the list is two words, and an empty one is none.
        (["x", "X", "x"], "x", [0, 1, 2]), (["", "x"], "x", [1]), ([""], "", []), ([], "anything", []), ([], "", []),
        // Beyond ASCII.
        (["groß", "rosse"], "GROSSE", [0, 1]), (["ü"], "Über", [0]), (["Ü"], "über", [0]), (["ü"], "u", []),
        (["u"], "ü", []), (["😀"], "x😀", [0]), (["😀"], "😁", []), (["日本"], "在日本語", [0]), (["k"], "\u{212A}", [0]),
        (["ö"], "Ã¶", []), (["é", "e"], "E É", [0, 1]), (["straße"], "Strasse", [0]), (["σας"], "ΣΑΣ", [0]),
        // U+0000 is a letter like any other.
        (["a"], "\u{0}a\u{0}", [0]), (["a\u{0}b"], "xA\u{0}Bx", [0]), (["ab"], "a\u{0}b", []),
        (["\u{0}"], "ü\u{0}", [0]),
    ]

    @Test("Which words of a list a text has", arguments: rows)
    func table(_ words: [String], _ text: String, _ found: [Int]) {
        #expect(Self.found(words.map { Array($0.utf8) }, in: Array(text.utf8)) == found)
    }

    static func found(_ words: [[UInt8]], in text: [UInt8]) -> [Int] {
        let set = WordFinder(words).words(in: text)
        return words.indices.filter { set.contains($0) }
    }

    /// What random words and texts are made of, and what it becomes when it is folded.
    private static let letters: [(letter: String, folded: String)] = [
        ("a", "a"), ("A", "a"), ("b", "b"), ("B", "b"), ("s", "s"), ("c", "c"), ("\u{0}", "\u{0}"), (" ", " "),
        ("ß", "ss"), ("ä", "ä"), ("Ä", "ä"), ("ſ", "s"), ("σ", "σ"), ("ς", "σ"), ("日", "日"), ("ﬁ", "fi"), ("f", "f"),
    ]

    @Test("As looking for one word after the other finds them", arguments: 0..<40)
    func random(_ seed: UInt64) {
        var generator = Sample.generator(seed)
        // Few letters make words that overlap, the others come with every second seed.
        let letters = Array(Self.letters.prefix(seed % 2 == 0 ? 3 + generator.below(4) : Self.letters.count))
        func text(_ length: Int) -> (plain: [UInt8], folded: [UInt8]) {
            let picked = (0..<length).map { _ in generator.pick(letters) }
            return (Array(picked.map(\.letter).joined().utf8), Array(picked.map(\.folded).joined().utf8))
        }
        for _ in 0..<10 {
            let words = (0..<generator.below(40)).map { _ in text(1 + generator.below(6)) }
            let finder = WordFinder(words.map(\.plain))
            for _ in 0..<10 {
                let text = text(generator.below(30))
                let found = finder.words(in: text.plain)
                for (index, word) in words.enumerated() where found.contains(index) != text.folded.holds(word.folded) {
                    Issue.record("\(words.map(\.plain)) in \(text.plain): word \(index)")
                }
                #expect(found.count(in: words.indices) == words.count { text.folded.holds($0.folded) })
            }
        }
    }

    @Test("As many words as there may be are found, and of more the first ones")
    func limit() throws {
        let count = WordFinder.maximumBytes / 10
        let words: [[UInt8]] = (0...count).map { Array("w\(100_000_000 + $0)".utf8) }
        let lists: [[[UInt8]]] = [words.dropLast(), words, words + [Array("x".utf8)]]
        for list in lists {
            let finder = WordFinder(list)
            for index in [0, 1, count / 2, count - 1] {
                #expect(finder.words(in: words[index]).contains(index), "\(list.count) words")
            }
            #expect(finder.words(in: words[count] + Array("x".utf8)).isEmpty, "\(list.count) words")
        }
    }

    @Test("One word as long as there may be", arguments: [0, 1])
    func longWord(_ more: Int) {
        let word = [UInt8](repeating: UInt8(ascii: "x"), count: WordFinder.maximumBytes + more)
        let finder = WordFinder([word, Array("xx".utf8)])
        #expect(finder.words(in: word).contains(0) == (more == 0))
        #expect(!finder.words(in: Array(word.dropLast())).contains(0))
        #expect(!finder.words(in: word).contains(1), "what is beyond the limit is never found")
    }

    @Test(
        "A text that is no UTF-8 is looked through as well", arguments: [[0xFF], [0xC3], [0xE2, 0x82], [0x80, 0xBF]])
    func malformed(_ bytes: [UInt8]) {
        #expect(Self.found([Array("a".utf8)], in: bytes + Array("A".utf8) + bytes) == [0])
        #expect(Self.found([bytes + Array("a".utf8)], in: Array("a".utf8)) == [])
    }

    @Test("Words are counted in any part of the list", arguments: 0..<10)
    func sets(_ seed: UInt64) {
        var generator = Sample.generator(seed)
        let bounds = [0, 1, 62, 63, 64, 65, 127, 128, 129, 191, 192, 200, 320, 1000]
        let finder = WordFinder((0...1000).map { Array("w\($0);".utf8) })
        for _ in 0..<200 {
            let words = (0..<generator.below(8)).map { _ in generator.pick(bounds) }
            let found = finder.words(in: Array(words.map { "w\($0);" }.joined().utf8))
            #expect(found.isEmpty == words.isEmpty && bounds.allSatisfy { found.contains($0) == words.contains($0) })
            let ends = [generator.pick(bounds), generator.pick(bounds)].sorted()
            let count = Set(words).count { (ends[0]..<ends[1]).contains($0) }
            #expect(found.count(in: ends[0]..<ends[1]) == count, "\(words) in \(ends)")
            #expect(found.hasAny(of: ends[0]..<ends[1]) == (count > 0), "\(words) in \(ends)")
        }
    }
}

extension [UInt8] {
    fileprivate func holds(_ part: [UInt8]) -> Bool {
        part.count <= count && (0...(count - part.count)).contains { self[$0..<$0 + part.count].elementsEqual(part) }
    }
}
