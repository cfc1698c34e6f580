import Conversations
import Jansson

/// What is found out about a conversation from what is known of its messages. Names and rules are those of
/// docs/insight.md.
extension Tally {
    /// How users speak, in the newest messages.
    var userSentiment: Sentiment { sentiment(ofLast: analyser.words.sentiment.lastMessages) }

    /// From 0 to 3, the largest that applies.
    var escalationLevel: Int {
        if said.escalation { return 3 }
        if counts.negative > counts.positive { return 2 }
        return messages > analyser.words.escalation.overMessages ? 1 : 0
    }

    var productsDiscussed: [Text] { products.map { analyser.words.products[$0] } }

    var topicsDiscussed: [Text] { zip(analyser.words.topics, topics).filter(\.1).map(\.0.name) }

    var conversationStage: Stage {
        if messages < analyser.words.stage.fromMessages { return .discovery }
        if said.price { return .negotiation }
        return said.feature ? .presentation : .discovery
    }

    var mood: Mood {
        let words = analyser.words.mood
        return Mood(
            sentiment: sentiment(ofLast: words.lastMessages).sentiment,
            isHigh: min(messages, words.lastMessages) > words.highOver, isEngaged: messages > words.engagedOver)
    }
}

/// How users speak.
struct Sentiment: Equatable, Sendable {
    let sentiment: Kind
    /// How far the one kind of words outnumbers the other, a message of a user.
    let confidence: Double

    enum Kind: Int, CaseIterable, Sendable {
        case negative, neutral, positive

        var word: StaticString {
            switch self {
            case .negative: "negative"
            case .neutral: "neutral"
            case .positive: "positive"
            }
        }
    }

    /// - Parameters:
    ///   - negative: negative words, each once a message.
    ///   - messages: how many messages of users they were counted in.
    init(negative: Int, positive: Int, of messages: Int) {
        sentiment = negative > positive ? .negative : positive > negative ? .positive : .neutral
        confidence = messages == 0 ? 0 : Double(abs(positive - negative)) / Double(messages)
    }
}

/// How far a sale has come.
enum Stage: String, Sendable { case discovery, presentation, negotiation }

struct Mood: Equatable, Sendable {
    let sentiment: Sentiment.Kind
    let isHigh: Bool
    let isEngaged: Bool
}

/// Something that tells of a budget.
struct BudgetIndicator: Equatable, Sendable {
    let text: Text
    var amount: Double?
    var currency: Text?
    var period: Text?
    let messageId: Text?
    /// Of the message.
    let seq: Int

    init(_ amount: Amount, messageId: Text?, seq: Int) {
        text = amount.text
        self.amount = amount.value
        currency = amount.currency
        period = amount.period
        self.messageId = messageId
        self.seq = seq
    }

    init(word: Text, messageId: Text?, seq: Int) {
        text = word
        self.messageId = messageId
        self.seq = seq
    }
}

extension JSONWriter {
    mutating func sentiment(_ sentiment: Sentiment) {
        beginObject()
        key("sentiment")
        string(sentiment.sentiment.word.description)
        key("confidence")
        real(sentiment.confidence)
        endObject()
    }

    mutating func mood(_ mood: Mood) {
        beginObject()
        key("overall_sentiment")
        string(mood.sentiment.word.description)
        key("energy_level")
        string(mood.isHigh ? "high" : "low")
        key("engagement")
        string(mood.isEngaged ? "engaged" : "casual")
        endObject()
    }

    /// [{text, amount?, currency?, period?, message_id?}]
    mutating func budget(_ indicators: [BudgetIndicator]) {
        beginArray()
        for indicator in indicators {
            beginObject()
            member("text", indicator.text)
            if let amount = indicator.amount {
                key("amount")
                if let whole = Int64(exactly: amount) { integer(whole) } else { real(amount) }
            }
            member("currency", indicator.currency)
            member("period", indicator.period)
            member("message_id", indicator.messageId)
            endObject()
        }
        endArray()
    }
}

// MARK: What is told over and over, made once

extension Sentiment {
    var told: JSONFragment { self == Self.none ? Self.noneTold : JSONFragment { $0.sentiment(self) } }

    private static let none = Sentiment(negative: 0, positive: 0, of: 0)
    private static let noneTold = JSONFragment { $0.sentiment(none) }
}

extension Stage {
    var told: JSONFragment {
        switch self {
        case .discovery: Self.discoveryTold
        case .presentation: Self.presentationTold
        case .negotiation: Self.negotiationTold
        }
    }

    private static let discoveryTold = JSONFragment.string("discovery" as Text)
    private static let presentationTold = JSONFragment.string("presentation" as Text)
    private static let negotiationTold = JSONFragment.string("negotiation" as Text)
}

extension Mood {
    var told: JSONFragment { Self.all[sentiment.rawValue * 4 + (isHigh ? 2 : 0) + (isEngaged ? 1 : 0)] }

    private static let all = Sentiment.Kind.allCases.flatMap { sentiment in
        [(false, false), (false, true), (true, false), (true, true)].map { isHigh, isEngaged in
            JSONFragment { $0.mood(Mood(sentiment: sentiment, isHigh: isHigh, isEngaged: isEngaged)) }
        }
    }
}

extension JSONFragment {
    /// The levels of escalation.
    static let levels = (0...3).map { level in JSONFragment { $0.integer(level) } }
}
