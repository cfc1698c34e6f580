import Conversations
import Jansson

/// Looks at messages, one at a time and each once.
package final class Analyser: Sendable {
    package let words: WordList
    /// Tells one list of words from another, so that what was counted with other words is not gone on with.
    package let wordsHash: Text
    let places: Places
    /// How many of the newest messages anything is taken from.
    let window: Int
    private let finder: WordFinder
    private let money: MoneyFinder

    package init(_ words: WordList) {
        self.words = words
        window = max(words.sentiment.lastMessages, words.mood.lastMessages)
        var list = WordCollector()
        places = Places(words, &list)
        finder = WordFinder(list.words)
        money = MoneyFinder(words.budget)
        wordsHash = words.hash
    }

    /// Where the words of each purpose stand in the finder's list.
    struct Places: Sendable {
        let negative: Range<Int>
        let positive: Range<Int>
        let escalation: Range<Int>
        let products: Range<Int>
        let features: Range<Int>
        let price: Range<Int>
        let topics: [Range<Int>]
        let replyEscalation: Range<Int>
        let replyFollowup: Range<Int>
        let budget: Range<Int>

        fileprivate init(_ words: WordList, _ list: inout WordCollector) {
            negative = list.add(words.sentiment.negative)
            positive = list.add(words.sentiment.positive)
            escalation = list.add(words.escalation.words)
            products = list.add(words.products)
            features = list.add(words.stage.features)
            price = list.add(words.stage.price)
            topics = words.topics.map { list.add($0.words) }
            replyEscalation = list.add(words.replies.escalation)
            replyFollowup = list.add(words.replies.followup)
            budget = list.add(words.budget.words)
        }
    }

    fileprivate struct WordCollector {
        var words: [[UInt8]] = []

        mutating func add(_ more: [Text]) -> Range<Int> {
            words += more.map(\.utf8)
            return words.count - more.count..<words.count
        }
    }

    /// What one message says.
    func findings(in content: Text, by role: Role) -> Findings {
        let found = finder.words(in: content.utf8)
        var findings = Findings(role: role, words: found)
        guard role == .user else { return findings }
        findings.amounts = money.amounts(in: content.utf8)
        if found.isEmpty { return findings }
        findings.negative = found.count(in: places.negative)
        findings.positive = found.count(in: places.positive)
        if found.hasAny(of: places.budget) {
            findings.budgetWords = places.budget.filter { found.contains($0) }.map {
                words.budget.words[$0 - places.budget.lowerBound]
            }
        }
        return findings
    }
}

/// What one message says, of all that is looked for.
struct Findings {
    let role: Role
    let words: WordSet
    // Of a user's message:
    var negative = 0
    var positive = 0
    var amounts: [Amount] = []
    var budgetWords: [Text] = []
    var hasBudget: Bool { !amounts.isEmpty || !budgetWords.isEmpty }
}
