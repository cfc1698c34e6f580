import Foundation
import Insight
import Jansson
import Testing

/// The word lists that come with the project, read as simply as can be: the host has a reader of its own, that tells
/// people what is wrong with theirs.
enum Words {
    static func builtIn() throws -> WordList { try lists.get().builtIn }
    static func german() throws -> WordList { try lists.get().german }

    /// The built-in list with a change.
    static func builtIn(_ change: (inout WordList) -> Void) throws -> WordList {
        var words = try builtIn()
        change(&words)
        return words
    }

    /// A file of the project, by its path from the project's folder.
    static func file(_ path: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appending(path: path)))
    }

    private static let lists = Result {
        let base = try JSON.parse(try file("schemas/built-in-words.json"))
        let german = try JSON.parse(try file("examples/words/german.json"))
        return (builtIn: try WordList(Source(over: nil, base: base)), german: try WordList(Source(german, base)))
    }

    /// A list over another: each member is the first one's where that has it.
    struct Source {
        let over: JSON?
        let base: JSON

        init(over: JSON?, base: JSON) { (self.over, self.base) = (over, base) }
        init(_ over: JSON, _ base: JSON) { self.init(over: over, base: base) }

        func value(_ section: StaticString) throws -> JSON {
            let found = over?[section] ?? base[section]
            return try #require(found)
        }

        func value(_ section: StaticString, _ name: StaticString) throws -> JSON {
            let found = over?[section]?[name] ?? base[section]?[name]
            return try #require(found)
        }

        func texts(_ section: StaticString, _ name: StaticString) throws -> [Text] {
            try value(section, name).strings()
        }

        func integer(_ section: StaticString, _ name: StaticString) throws -> Int {
            let found = try value(section, name).integer
            return Int(try #require(found))
        }
    }
}

extension JSON {
    func string() throws -> Text {
        let found = text
        return try #require(found)
    }

    func strings() throws -> [Text] { try elements.map { try $0.string() } }

    fileprivate var named: [(name: Text, value: JSON)] { members.map { (Text($0.name), $0.value) } }

    /// {what is meant: [names]}
    fileprivate func namesByValue() throws -> [BudgetWords.Name<Text>] {
        try named.flatMap { value, names in try names.strings().map { BudgetWords.Name($0, value) } }
    }

    fileprivate func factors() throws -> [BudgetWords.Name<Double>] {
        try named.map { name, value in
            let factor = value.number
            return BudgetWords.Name(name, try #require(factor))
        }
    }
}

extension WordList {
    fileprivate init(_ source: Words.Source) throws {
        self.init()
        sentiment.negative = try source.texts("sentiment", "negative")
        sentiment.positive = try source.texts("sentiment", "positive")
        sentiment.lastMessages = try source.integer("sentiment", "lastMessages")
        escalation.words = try source.texts("escalation", "words")
        escalation.overMessages = try source.integer("escalation", "overMessages")
        issuesLastMessages = try source.integer("issues", "lastMessages")
        products = try source.value("products").strings()
        stage.features = try source.texts("stage", "features")
        stage.price = try source.texts("stage", "price")
        stage.fromMessages = try source.integer("stage", "fromMessages")
        topics = try source.value("topics").named.map { Topic(name: $0.name, words: try $0.value.strings()) }
        mood.lastMessages = try source.integer("mood", "lastMessages")
        mood.highOver = try source.integer("mood", "highOver")
        mood.engagedOver = try source.integer("mood", "engagedOver")
        replies.escalation = try source.texts("replies", "escalation")
        replies.followup = try source.texts("replies", "followup")
        budget.words = try source.texts("budget", "words")
        budget.currencies = try source.value("budget", "currencies").namesByValue()
        budget.decimal = try source.value("budget", "decimal").string()
        budget.groups = try source.texts("budget", "groups")
        budget.multipliers = try source.value("budget", "multipliers").factors()
        budget.multipliersWithCurrency = try source.value("budget", "multipliersWithCurrency").factors()
        budget.periods = try source.value("budget", "periods").namesByValue()
        budget.periodMarks = try source.texts("budget", "periodMarks")
        budget.rangeMarks = try source.texts("budget", "rangeMarks")
        budget.between = try source.value("budget", "between").named.map {
            BudgetWords.Name($0.name, try $0.value.string())
        }
        budget.things = try source.texts("budget", "things")
    }
}
