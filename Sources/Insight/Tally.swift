import Conversations
import Jansson

/// What is known of the messages of a history, counted one by one: what it takes to tell anything about a conversation
/// of any length without reading it again.
package struct Tally: Sendable {
    let analyser: Analyser
    private(set) var counts = Counts()
    private(set) var said = Said()
    /// By their places in the word list, in the order in which they came up.
    private(set) var products: [Int] = []
    /// Of each topic whether it came up.
    private(set) var topics: [Bool]
    // The two as they are told: they seldom change.
    private(set) var productsTold: JSONFragment
    private(set) var topicsTold: JSONFragment
    /// The newest.
    private(set) var budget: [BudgetIndicator] = []

    /// The newest messages: those that a mood and a sentiment are taken from.
    private var recent: [Recent] = []
    /// What replies called for since `told`.
    private var news = Needs()

    struct Counts: Sendable {
        var messages = 0
        /// For who reads checkpoints: words of a whole conversation are compared with these.
        var userMessages = 0
        // Words in users' messages, each once a message.
        var negative = 0
        var positive = 0
    }

    /// Whether any message said so; of needs, whether any reply did.
    struct Said: Equatable, Sendable {
        var escalation = false
        var feature = false
        var price = false
        var needs = Needs()
    }

    private struct Recent {
        let isUser: Bool
        let negative: Int
        let positive: Int
    }

    /// How many budget indicators are kept.
    package static let budgetIndicators = 50

    package var messages: Int { counts.messages }

    /// How many of the newest messages it goes back to.
    package var window: Int { analyser.window }

    package init(_ analyser: Analyser) {
        self.init(
            analyser, Counts(), Said(), products: [],
            topics: Array(repeating: false, count: analyser.places.topics.count))
    }

    init(_ analyser: Analyser, _ counts: Counts, _ said: Said, products: [Int], topics: [Bool]) {
        self.analyser = analyser
        self.counts = counts
        self.said = said
        self.products = products
        self.topics = topics
        productsTold = .emptyArray
        topicsTold = .emptyArray
        if !products.isEmpty { productsTold = JSONFragment { $0.texts(productsDiscussed) } }
        if topics.contains(true) { topicsTold = JSONFragment { $0.texts(topicsDiscussed) } }
    }

    /// Takes the next message of the history.
    ///
    /// - Parameters:
    ///   - id: nil for one that is only imagined.
    ///   - seq: of its event.
    package mutating func add(_ role: Role, _ content: Text, id: Text?, seq: Int) {
        let findings = analyser.findings(in: content, by: role)
        counts.messages += 1
        if role == .user {
            counts.userMessages += 1
            counts.negative += findings.negative
            counts.positive += findings.positive
        }
        noteRecent(findings)
        if !findings.words.isEmpty { noteWords(findings) }
        if findings.hasBudget { noteBudget(findings, id: id, seq: seq) }
    }

    private mutating func noteRecent(_ findings: Findings) {
        // Twice as many as are looked at, so that they are moved seldom.
        if recent.count >= 2 * window { recent.removeFirst(window) }
        recent.append(
            Recent(isUser: findings.role == .user, negative: findings.negative, positive: findings.positive))
    }

    private mutating func noteWords(_ findings: Findings) {
        let (found, places) = (findings.words, analyser.places)
        said.escalation = said.escalation || found.hasAny(of: places.escalation)
        said.feature = said.feature || found.hasAny(of: places.features)
        said.price = said.price || found.hasAny(of: places.price)
        if found.hasAny(of: places.products) {
            for word in places.products where found.contains(word) {
                let product = word - places.products.lowerBound
                if !products.contains(product) { products.append(product) }
            }
            productsTold = JSONFragment { $0.texts(productsDiscussed) }
        }
        for (index, words) in places.topics.enumerated() where !topics[index] && found.hasAny(of: words) {
            topics[index] = true
            topicsTold = JSONFragment { $0.texts(topicsDiscussed) }
        }
        guard findings.role == .assistant else { return }
        let needs = Needs(
            escalation: found.hasAny(of: places.replyEscalation), followup: found.hasAny(of: places.replyFollowup))
        said.needs.add(needs)
        news.add(needs)
    }

    private mutating func noteBudget(_ findings: Findings, id: Text?, seq: Int) {
        for amount in findings.amounts { budget.append(BudgetIndicator(amount, messageId: id, seq: seq)) }
        for word in findings.budgetWords { budget.append(BudgetIndicator(word: word, messageId: id, seq: seq)) }
        if budget.count > Self.budgetIndicators { budget.removeFirst(budget.count - Self.budgetIndicators) }
    }

    // MARK: What replies called for

    /// What is to be told of needs: those that came up since `told`, and false for one that stands in the context
    /// because of a reply that has left the history.
    ///
    /// - Parameter before: what was told so far.
    func change(of before: Needs, in context: Members) -> (escalation: Bool?, followup: Bool?) {
        let fallen = (
            escalation: before.escalation && !said.needs.escalation, followup: before.followup && !said.needs.followup
        )
        var standing = Needs()
        if fallen.escalation || fallen.followup { standing.take(context) }
        return (
            news.escalation ? true : fallen.escalation && standing.escalation ? false : nil,
            news.followup ? true : fallen.followup && standing.followup ? false : nil
        )
    }

    /// What replies called for so far was told.
    package mutating func told(_ needs: Needs = Needs(escalation: true, followup: true)) {
        news = Needs(escalation: news.escalation && !needs.escalation, followup: news.followup && !needs.followup)
    }

    // MARK: Going on from a checkpoint

    /// Takes a message that the checkpoint counts already, as one of the newest: in their order.
    package mutating func recall(_ role: Role, _ content: Text) {
        noteRecent(analyser.findings(in: content, by: role))
    }

    /// Takes a message that the checkpoint names for its budget indicators: in their order.
    package mutating func recall(budgetOf content: Text, id: Text, seq: Int) {
        noteBudget(analyser.findings(in: content, by: .user), id: id, seq: seq)
    }

    // MARK: The newest messages

    /// Of the newest `count` messages.
    func sentiment(ofLast count: Int) -> Sentiment {
        var (users, negative, positive) = (0, 0, 0)
        for message in recent.suffix(count) where message.isUser {
            users += 1
            negative += message.negative
            positive += message.positive
        }
        return Sentiment(negative: negative, positive: positive, of: users)
    }
}
