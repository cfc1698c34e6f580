import Jansson
import TestSupport
import Testing

@testable import Insight

/// Whoever sends a message decides what is in it: nothing of that may end the process or keep it busy for long.
@Suite("Texts that nobody writes about money") struct MoneyLimitsTests {
    /// What a long text of is looked through with as much work a byte as a short one.
    static let repeated = [
        "9", "0", "1,", "1.", "1,000", ",000", "1'", "1 ", "$", "$ ", "$1", "1$", "1-", "1k-", "5k", "1 to ",
        "between 1 and ", "a1",
        "1\u{A0}", "€", "k", " ", "-", ".", ",", "1,1", "1.1", "/", "1/", "1\u{0}", "per ", "$5/month ", "1m", "1m to ",
        "1 - ", "ä1", "1ä", "1 €", "\u{301}1",
    ]

    @Test("The same over and over", .timeLimit(.minutes(1)), arguments: repeated)
    func repeats(_ part: String) throws {
        let money = MoneyFinder(try Words.builtIn().budget)
        let text = Array(String(repeating: part, count: (1 << 15) / part.utf8.count).utf8)
        for amount in money.amounts(in: text) { #expect(amount.value.isFinite && amount.value >= 0) }
        #expect(money.amounts(in: Array("$5 ".utf8) + text).first?.text.utf8.starts(with: Array("$5".utf8)) == true)
    }

    @Test("Numbers that are too large for one are none, and none is infinite")
    func huge() throws {
        let money = MoneyFinder(try Words.builtIn().budget)
        for digits in [300, 305, 306, 307, 308, 309, 310, 1000, 100_000] {
            for factor in ["", "k", " billion", " bn", "-2 billion"] {
                let text = "$\(String(repeating: "9", count: digits))\(factor)"
                let amounts = money.amounts(in: Array(text.utf8))
                #expect(amounts.allSatisfy { $0.value.isFinite }, "\(digits) digits\(factor)")
            }
        }
        // A megabyte of digits is one number at most, whatever it is worth.
        for digit in ["0", "9"] {
            let text = "$\(String(repeating: digit, count: 1 << 20))"
            #expect(money.amounts(in: Array(text.utf8)).allSatisfy { $0.value == 0 })
        }
        let fraction = "$0.\(String(repeating: "3", count: 28))"
        #expect(money.amounts(in: Array(fraction.utf8)).map(\.value) == [1.0 / 3])
        #expect(money.amounts(in: Array("\(fraction)3".utf8)).isEmpty, "31 characters are too many")
    }

    @Test("What is told of them is JSON", arguments: [20, 100, 305, 308])
    func json(_ digits: Int) throws {
        let text = "u $\(String(repeating: "9", count: digits)) billion"
        let told = try Sample.told("budget_indicators", of: [text], try Words.builtIn())
        #expect(!told.contains("inf"))
        if !told.isEmpty { #expect(throws: Never.self) { _ = try JSON.parse(told.utf8) } }
    }

    @Test(
        "At the beginning and the end of a text",
        arguments: [
            "", "$", "5", "5k", "$5", "5$", "-", "5-", "-5", "$5-", "5k-", "5 ", " 5", "5,", "5.", "5,0", "5,00",
            "5,000", "$ ", " $", "5 to", "5 to ", "5 to $",
            "between", "between 5 and", "between 5 and ", "and 5", " and 5", "and 5 and 6k", "/", "$5/", "$5/ ",
            "$5 per ", "5 k", "5 k ", "\u{0}", "5\u{0}", "\u{0}5k\u{0}",
            "\u{301}", "5\u{301}", "é5", "5é", "👍5k👍", "$5👍", "\u{FEFF}$5",
        ])
    func edges(_ text: String) throws {
        for words in [try Words.builtIn(), try Words.german(), WordList()] {
            let amounts = MoneyFinder(words.budget).amounts(in: Array(text.utf8))
            #expect(amounts.allSatisfy { !$0.text.isEmpty && text.utf8.holds($0.text.utf8) })
        }
    }

    @Test("U+0000 and bytes that are no UTF-8 stand between other letters as these do")
    func odd() throws {
        let money = MoneyFinder(try Words.builtIn().budget)
        #expect(money.amounts(in: Array("\u{0}$5\u{0}k\u{0}".utf8)).map(\.text) == ["$5"])
        #expect(money.amounts(in: [0xFF] + Array("$5k".utf8) + [0xFF]).map(\.value) == [5000])
        #expect(money.amounts(in: [0xE2, 0x82] + Array("5k".utf8) + [0xC3]).map(\.value) == [5000])
    }

    @Test("Random texts: amounts stand there in their order, each a number", arguments: 0..<20)
    func random(_ seed: UInt64) throws {
        var generator = Sample.generator(seed)
        let parts = [
            "5", "10", "000", "1", ",", ".", "'", " ", " ", "$", "€", "US$", "k", "m", "Mio.", "usd", "-", "–", " to ",
            "between ", " and ", "/", "month", "per", "a",
            "users", "zwischen", "und", "\u{A0}", "\u{0}", "é", "\u{301}", "x", "\n",
        ]
        for words in [try Words.builtIn(), try Words.german()] {
            let money = MoneyFinder(words.budget)
            for _ in 0..<100 {
                let text = Array((0..<generator.below(30)).map { _ in generator.pick(parts) }.joined().utf8)
                var rest = text[...]
                var last: Text?
                for amount in money.amounts(in: text) {
                    #expect(
                        amount.value.isFinite && amount.value >= 0
                            && amount.text.utf8.contains { (0x30...0x39).contains($0) })
                    // The two ends of a range have one text.
                    if amount.text == last { continue }
                    let place = rest.indices.first { rest[$0...].starts(with: amount.text.utf8) }
                    let start = try #require(place, "\(amount.text) in \(text)")
                    rest = rest[(start + amount.text.utf8.count)...]
                    last = amount.text
                }
                // Whatever stands behind it, cut at any place.
                for end in text.indices { #expect(money.amounts(in: Array(text[..<end])).count <= end) }
            }
        }
    }
}

extension Collection<UInt8> {
    fileprivate func holds(_ part: [UInt8]) -> Bool {
        let all = Array(self)
        return all.indices.contains { all[$0...].starts(with: part) }
    }
}
