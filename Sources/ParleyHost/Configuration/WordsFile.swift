import CSchemas
import Insight
import JSONRPC
import Jansson

/// A list of words: schemas/words.schema.json. What a file leaves out is as built in.
extension Configuration {
    private static let negative = Parameter<[Text]?>.optional("negative", .words)
    private static let positive = Parameter<[Text]?>.optional("positive", .words)
    private static let lastMessages = Parameter<Int?>.optional("lastMessages", .integer(1...100))
    private static let words = Parameter<[Text]?>.optional("words", .words)
    private static let overMessages = Parameter<Int?>.optional("overMessages", .count)
    private static let features = Parameter<[Text]?>.optional("features", .words)
    private static let price = Parameter<[Text]?>.optional("price", .words)
    private static let fromMessages = Parameter<Int?>.optional("fromMessages", .count)
    private static let highOver = Parameter<Int?>.optional("highOver", .count)
    private static let engagedOver = Parameter<Int?>.optional("engagedOver", .count)
    private static let escalationWords = Parameter<[Text]?>.optional("escalation", .words)
    private static let followup = Parameter<[Text]?>.optional("followup", .words)

    private static let sentiment = Parameter<JSON?>.optional("sentiment", .objectView)
    private static let escalation = Parameter<JSON?>.optional("escalation", .objectView)
    private static let issues = Parameter<JSON?>.optional("issues", .objectView)
    private static let products = Parameter<[Text]?>.optional("products", .words)
    private static let stage = Parameter<JSON?>.optional("stage", .objectView)
    private static let topics = Parameter<[NamedWords]?>.optional("topics", .namedWords)
    private static let mood = Parameter<JSON?>.optional("mood", .objectView)
    private static let replies = Parameter<JSON?>.optional("replies", .objectView)
    private static let budget = Parameter<JSON?>.optional("budget", .objectView)

    /// schemas/built-in-words.json; a test holds that it is read.
    package static let builtInWords: WordList = {
        let json = try? JSON.parse(SchemaDocument.builtInWords.text)
        return (try? words(json, over: WordList())) ?? WordList()
    }()

    static func loadWords(_ path: String) throws(RPCError) -> WordList {
        do throws(ConfigurationError) {
            let json = try loadJSON(path)
            return try inFile(path) { () throws(RPCError) in
                let words = try words(json, over: builtInWords)
                if words.bytes <= WordList.maximumBytes { return words }
                throw RPCError(
                    .invalidParams,
                    "its words, with those built in that it leaves in place, have \(words.bytes) bytes, over the limit of \(WordList.maximumBytes)."
                )
            }
        } catch {
            throw RPCError(.invalidParams, error.description)
        }
    }

    private static func words(_ json: JSON?, over given: WordList) throws(RPCError) -> WordList {
        var list = given
        let keys = try Parameters(
            json,
            declared: [
                sentiment.declaration, escalation.declaration, issues.declaration, products.declaration,
                stage.declaration, topics.declaration, mood.declaration, replies.declaration, budget.declaration,
            ], noun: "key")
        try keys.read(products, into: &list.products)
        if let given = try keys[topics] { list.topics = given.map { WordList.Topic(name: $0.name, words: $0.words) } }
        try keys.section(sentiment, [negative.declaration, positive.declaration, lastMessages.declaration]) {
            (keys) throws(RPCError) in
            try keys.read(negative, into: &list.sentiment.negative)
            try keys.read(positive, into: &list.sentiment.positive)
            try keys.read(lastMessages, into: &list.sentiment.lastMessages)
        }
        try keys.section(escalation, [words.declaration, overMessages.declaration]) { (keys) throws(RPCError) in
            try keys.read(words, into: &list.escalation.words)
            try keys.read(overMessages, into: &list.escalation.overMessages)
        }
        try keys.section(issues, [lastMessages.declaration]) { (keys) throws(RPCError) in
            try keys.read(lastMessages, into: &list.issuesLastMessages)
        }
        try keys.section(stage, [features.declaration, price.declaration, fromMessages.declaration]) {
            (keys) throws(RPCError) in
            try keys.read(features, into: &list.stage.features)
            try keys.read(price, into: &list.stage.price)
            try keys.read(fromMessages, into: &list.stage.fromMessages)
        }
        try keys.section(mood, [lastMessages.declaration, highOver.declaration, engagedOver.declaration]) {
            (keys) throws(RPCError) in
            try keys.read(lastMessages, into: &list.mood.lastMessages)
            try keys.read(highOver, into: &list.mood.highOver)
            try keys.read(engagedOver, into: &list.mood.engagedOver)
        }
        try keys.section(replies, [escalationWords.declaration, followup.declaration]) { (keys) throws(RPCError) in
            try keys.read(escalationWords, into: &list.replies.escalation)
            try keys.read(followup, into: &list.replies.followup)
        }
        try keys.section(budget, budgetKeys) { (keys) throws(RPCError) in try readBudget(keys, into: &list.budget) }
        return list
    }
}

extension Parameters {
    /// Puts what was given in the place of what there is.
    func read<Value>(_ key: Parameter<Value?>, into value: inout Value) throws(RPCError) {
        if let given = try self[key] { value = given }
    }

    /// Reads the object under a key, where there is one.
    fileprivate func section(
        _ key: Parameter<JSON?>, _ declared: ParameterList, _ body: (Parameters) throws(RPCError) -> Void
    ) throws(RPCError) {
        guard let json = try self[key] else { return }
        try Configuration.at(key.declaration.name.description) { () throws(RPCError) in
            try body(try Parameters(json, declared: declared, noun: "key"))
        }
    }
}

/// Words under a name.
struct NamedWords: Sendable {
    let name: Text
    let words: [Text]
}

extension Shape where Value == [Text] {
    static let words = Shape("an array of strings that are not empty", schema: ["type": .string("array")]) { json in
        strings.read(json).flatMap { $0.contains(where: \.isEmpty) ? nil : $0.unique }
    }
}

extension Shape where Value == [NamedWords] {
    static let namedWords = Shape(
        "an object of arrays of strings that are not empty", schema: ["type": .string("object")]
    ) { json in
        guard json.isObject else { return nil }
        let named = json.members.compactMap { name, value in
            Shape<[Text]>.words.read(value).map { NamedWords(name: Text(name), words: $0) }
        }
        return named.count == json.count && !named.contains { $0.name.isEmpty } ? named : nil
    }
}

extension Shape where Value == Int {
    fileprivate static let count = integer(0...1_000_000)
}
