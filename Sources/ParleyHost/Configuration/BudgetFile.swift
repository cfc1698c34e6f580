import Insight
import JSONRPC
import Jansson

/// How people write of money: `budget` of a list of words.
extension Configuration {
    private static let words = Parameter<[Text]?>.optional("words", .words)
    private static let currencies = Parameter<[NamedWords]?>.optional("currencies", .namedWords)
    private static let decimal = Parameter<Text?>.optional("decimal", .character)
    private static let groups = Parameter<[Text]?>.optional("groups", .characters)
    private static let multipliers = Parameter<[BudgetWords.Name<Double>]?>.optional("multipliers", .factors)
    private static let multipliersWithCurrency = Parameter<[BudgetWords.Name<Double>]?>.optional(
        "multipliersWithCurrency", .factors)
    private static let periods = Parameter<[NamedWords]?>.optional("periods", .namedWords)
    private static let periodMarks = Parameter<[Text]?>.optional("periodMarks", .words)
    private static let rangeMarks = Parameter<[Text]?>.optional("rangeMarks", .words)
    private static let between = Parameter<[BudgetWords.Name<Text>]?>.optional("between", .pairs)
    private static let things = Parameter<[Text]?>.optional("things", .words)

    static let budgetKeys: ParameterList = [
        words.declaration, currencies.declaration, decimal.declaration, groups.declaration, multipliers.declaration,
        multipliersWithCurrency.declaration, periods.declaration, periodMarks.declaration, rangeMarks.declaration,
        between.declaration, things.declaration,
    ]

    static func readBudget(_ keys: Parameters, into budget: inout BudgetWords) throws(RPCError) {
        try keys.read(words, into: &budget.words)
        try keys.read(decimal, into: &budget.decimal)
        try keys.read(groups, into: &budget.groups)
        try keys.read(multipliers, into: &budget.multipliers)
        try keys.read(multipliersWithCurrency, into: &budget.multipliersWithCurrency)
        try keys.read(periodMarks, into: &budget.periodMarks)
        try keys.read(rangeMarks, into: &budget.rangeMarks)
        try keys.read(between, into: &budget.between)
        try keys.read(things, into: &budget.things)
        if let given = try keys[currencies] { budget.currencies = given.names }
        if let given = try keys[periods] { budget.periods = given.names }
    }
}

extension [NamedWords] {
    /// Each word with the name that it stands under.
    fileprivate var names: [BudgetWords.Name<Text>] {
        flatMap { named in named.words.map { BudgetWords.Name($0, named.name) } }
    }
}

extension Shape where Value == Text {
    fileprivate static let character = Shape(
        "one character that is no letter or digit",
        schema: ["type": .string("string"), "minLength": .integer(1), "maxLength": .integer(1)]
    ) { json in json.text.flatMap { $0.isMark ? $0 : nil } }
}

extension Shape where Value == [Text] {
    fileprivate static let characters = Shape(
        "an array of single characters that are no letters or digits", schema: ["type": .string("array")]
    ) { json in
        strings.read(json).flatMap { texts in
            texts.allSatisfy(\.isMark) ? texts.unique : nil
        }
    }
}

extension Text {
    /// Whether it is one character that may stand between digits and is none, nor a dash, which means a range.
    fileprivate var isMark: Bool {
        let scalars = description.unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first else { return false }
        return !scalar.properties.isAlphabetic && scalar.properties.numericType == nil && !scalar.properties.isDash
    }
}

extension Shape where Value == [BudgetWords.Name<Double>] {
    fileprivate static let factors = Shape(
        "an object of numbers over 0", schema: ["type": .string("object")]
    ) { json in
        guard json.isObject else { return nil }
        let factors = json.members.compactMap { name, value in
            value.number.flatMap { $0 > 0 ? BudgetWords.Name(Text(name), $0) : nil }
        }
        return factors.count == json.count && !factors.contains { $0.name.isEmpty } ? factors : nil
    }
}

extension Shape where Value == [BudgetWords.Name<Text>] {
    fileprivate static let pairs = Shape(
        "an object of strings that are not empty", schema: ["type": .string("object")]
    ) { json in
        guard json.isObject else { return nil }
        let pairs = json.members.compactMap { name, value in value.text.map { BudgetWords.Name(Text(name), $0) } }
        return pairs.count == json.count && !pairs.contains { $0.name.isEmpty || $0.value.isEmpty } ? pairs : nil
    }
}
