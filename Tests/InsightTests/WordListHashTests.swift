import Jansson
import Testing

@testable import Insight

/// What was counted with other words must not be gone on with.
@Suite("Telling word lists apart") struct WordListHashTests {
    static let changes: [@Sendable (inout WordList) -> Void] = [
        { $0.sentiment.negative.append("x") }, { $0.sentiment.positive.append("x") },
        { $0.sentiment.lastMessages += 1 },
        { $0.sentiment.negative.removeLast() }, { $0.sentiment.positive = [] }, { $0.sentiment.negative[0] = "Angry" },
        { $0.sentiment.positive.append($0.sentiment.negative.removeLast()) }, { $0.sentiment.negative.swapAt(0, 1) },
        { $0.sentiment.positive.insert($0.sentiment.negative.removeLast(), at: 0) },
        { $0.escalation.words.append("x") }, { $0.escalation.overMessages += 1 }, { $0.issuesLastMessages += 1 },
        { $0.products.append("x") }, { $0.products.swapAt(0, 1) }, { $0.products = ["pro planbasic plan"] },
        { $0.products.insert($0.escalation.words.removeLast(), at: 0) },
        { $0.stage.features.append("x") }, { $0.stage.price.append("x") }, { $0.stage.fromMessages += 1 },
        { $0.stage.price.insert($0.stage.features.removeLast(), at: 0) },
        { $0.topics.append(WordList.Topic(name: "x", words: [])) }, { $0.topics[0].name = "x" },
        { $0.topics[0].words.append("x") }, { $0.topics.swapAt(0, 1) }, { $0.topics.removeLast() }, { $0.topics = [] },
        { $0.topics[1].words.insert($0.topics[0].words.removeLast(), at: 0) },
        { $0.mood.lastMessages += 1 }, { $0.mood.highOver += 1 }, { $0.mood.engagedOver += 1 },
        { $0.replies.escalation.append("x") }, { $0.replies.followup.append("x") },
        { $0.budget.words.append("x") }, { $0.budget.currencies[0].value = "x" },
        { $0.budget.currencies[0].name = "x" },
        { $0.budget.currencies.removeLast() }, { $0.budget.currencies.swapAt(0, 1) }, { $0.budget.decimal = "," },
        { $0.budget.groups.append(".") }, { $0.budget.groups.removeFirst() },
        { $0.budget.multipliers[0].value += 0.5 }, { $0.budget.multipliers[0].name = "x" },
        { $0.budget.multipliersWithCurrency.insert($0.budget.multipliers.removeLast(), at: 0) },
        { $0.budget.multipliersWithCurrency[0].value = 3 }, { $0.budget.multipliersWithCurrency.removeLast() },
        { $0.budget.periods[0].value = "x" }, { $0.budget.periods.append(BudgetWords.Name("x", "y")) },
        { $0.budget.periodMarks.append("x") }, { $0.budget.rangeMarks.append("x") }, { $0.budget.things.append("x") },
        { $0.budget.between[0].name = "x" }, { $0.budget.between[0].value = "x" }, { $0.budget.between = [] },
        { $0.budget.rangeMarks.insert($0.budget.periodMarks.removeLast(), at: 0) },
    ]

    @Test("Any change makes another hash")
    func anyChange() throws {
        var hashes: [Text: Int] = [try Words.builtIn().hash: -1]
        for (index, change) in Self.changes.enumerated() {
            let hash = try Words.builtIn(change).hash
            #expect(hashes[hash] == nil, "\(index) and \(hashes[hash] ?? -2)")
            hashes[hash] = index
        }
    }

    @Test("The same list has the same one, of 16 digits, in every process")
    func same() throws {
        for words in [try Words.builtIn(), try Words.german(), WordList()] {
            var copy = words
            copy.products.append("x")
            #expect(copy.hash != words.hash)
            copy.products.removeLast()
            #expect(copy.hash == words.hash && Analyser(copy).wordsHash == words.hash)
            #expect(words.hash.utf8.count == 16 && words.hash.description.wholeMatch(of: /[0-9a-f]+/) != nil)
        }
        #expect(try Words.builtIn().hash != Words.german().hash)
    }

    @Test("A factor does not run together with the name behind it")
    func factors() throws {
        func list(_ factors: [(Text, Double)]) throws -> WordList {
            try Words.builtIn { $0.budget.multipliers = factors.map { BudgetWords.Name($0, $1) } }
        }
        #expect(
            try list([("k", 1000), ("m1.23456789", 1e20)]).hash != list([("k", 1000.01), ("m", 1.234567891e20)]).hash)
    }
}
