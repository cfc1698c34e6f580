import Jansson

/// What is looked for in messages, and how much of it is much: schemas/words.schema.json in memory.
package struct WordList: Equatable, Sendable {
    package struct Sentiment: Equatable, Sendable {
        package var negative: [Text] = []
        package var positive: [Text] = []
        /// How many of the newest messages it is taken from.
        package var lastMessages = 6
    }

    package struct Escalation: Equatable, Sendable {
        package var words: [Text] = []
        /// A conversation with more messages is one of level 1.
        package var overMessages = 20
    }

    package struct Stage: Equatable, Sendable {
        package var features: [Text] = []
        package var price: [Text] = []
        /// Before there are so many messages it is discovery.
        package var fromMessages = 5
    }

    package struct Topic: Equatable, Sendable {
        package var name: Text
        package var words: [Text]

        package init(name: Text, words: [Text]) {
            self.name = name
            self.words = words
        }
    }

    package struct Mood: Equatable, Sendable {
        package var lastMessages = 5
        /// The energy is high where there are more than so many of `lastMessages`.
        package var highOver = 3
        /// A conversation of more messages is an engaged one.
        package var engagedOver = 10
    }

    /// What a reply says when something is to follow.
    package struct Replies: Equatable, Sendable {
        package var escalation: [Text] = []
        package var followup: [Text] = []
    }

    package var sentiment = Sentiment()
    package var escalation = Escalation()
    /// How many of the newest messages `recent_issues` are taken from.
    package var issuesLastMessages = 6
    package var products: [Text] = []
    package var stage = Stage()
    /// In the order in which they are told.
    package var topics: [Topic] = []
    package var mood = Mood()
    package var replies = Replies()
    package var budget = BudgetWords()

    /// Without words.
    package init() {}

    /// How many bytes all words together may have that are looked for in messages.
    package static let maximumBytes = 20_000

    package var bytes: Int {
        let lists =
            [
                sentiment.negative, sentiment.positive, escalation.words, products, stage.features, stage.price,
                replies.escalation, replies.followup, budget.words,
            ] + topics.map(\.words)
        return lists.joined().reduce(0) { $0 + $1.utf8.count }
    }
}

/// How people write of money.
package struct BudgetWords: Equatable, Sendable {
    /// A name and what it stands for.
    package struct Name<Value: Equatable & Sendable>: Equatable, Sendable {
        package var name: Text
        package var value: Value

        package init(_ name: Text, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// Words that tell of a budget without an amount.
    package var words: [Text] = []
    /// Symbols, codes and words, each with the currency's code.
    package var currencies: [Name<Text>] = []
    /// Marks the fraction of a number.
    package var decimal: Text = "."
    /// What may stand between groups of three digits.
    package var groups: [Text] = []
    /// Factors that make an amount of a number that has no currency: "5k".
    package var multipliers: [Name<Double>] = []
    /// Factors that count only beside a currency: "$2m", since 2 m is a length.
    package var multipliersWithCurrency: [Name<Double>] = []
    /// Words for periods of time, each with the period.
    package var periods: [Name<Text>] = []
    /// What leads to a period: "/" and "per".
    package var periodMarks: [Text] = []
    /// What stands between the ends of a range.
    package var rangeMarks: [Text] = []
    /// Words around a range: "between" and "and".
    package var between: [Name<Text>] = []
    /// Behind a number with a factor: what is counted is not money, as in "5k users".
    package var things: [Text] = []

    package init() {}
}
