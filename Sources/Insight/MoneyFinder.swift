import Jansson

/// An amount of money that a text tells of.
struct Amount: Equatable, Sendable {
    /// As it stands there, with its currency and period; of a range, all of it.
    var text: Text
    var value: Double
    var currency: Text?
    var period: Text?
}

/// Finds amounts of money. docs/insight.md has the rules, with a table that a test holds this to.
struct MoneyFinder: Sendable {
    private let hints: MoneyHints
    private let numbers: NumberReader
    private let currencies: Names<Text>
    private let multipliers: Names<(factor: Double, needsCurrency: Bool)>
    private let periods: Names<Text>
    private let periodMarks: Names<Void>
    private let rangeMarks: Names<Void>
    /// What ends a range, and the word before it that must have begun it.
    private let between: Names<Names<Void>>
    private let things: Names<Void>

    init(_ words: BudgetWords) {
        let currencyNames = words.currencies.map(\.name)
        hints = MoneyHints(
            before: currencyNames,
            after: currencyNames + words.multipliers.map(\.name) + words.multipliersWithCurrency.map(\.name)
                + words.rangeMarks + words.between.map(\.value))
        numbers = NumberReader(decimal: words.decimal, groups: words.groups)
        currencies = Names(words.currencies.map { ($0.name, $0.value) })
        multipliers = Names(
            words.multipliers.map { ($0.name, ($0.value, false)) }
                + words.multipliersWithCurrency.map { ($0.name, ($0.value, true)) })
        periods = Names(words.periods.map { ($0.name, $0.value) })
        periodMarks = Names(words.periodMarks.map { ($0, ()) })
        rangeMarks = Names(words.rangeMarks.map { ($0, ()) })
        between = Names(words.between.map { ($0.value, Names([($0.name, ())])) })
        things = Names(words.things.map { ($0, ()) })
    }

    /// How much of a message is looked at.
    static let bytes = 64 << 10

    /// In the order in which they stand there.
    func amounts(in message: [UInt8]) -> [Amount] {
        let bytes = message.count > Self.bytes ? Array(message[..<Self.bytes]) : message
        if !hints.mayHoldMoney(bytes) { return [] }
        let text = Letters(bytes)
        var found: [Amount] = []
        var place = 0
        var end = 0  // of what is used already
        while let start = text.firstDigit(from: place) {
            guard let number = numbers.number(in: text, at: start) else {
                place = numbers.skipping(text, from: start)
                continue
            }
            place = number.end
            let first = quantity(in: text, number, from: end)
            if first.isInWord { continue }
            if let range = range(in: text, from: first) {
                found += range.amounts
                place = range.end
                end = range.end
            } else if first.isMoney, first.value.isFinite {
                let (period, periodEnd) = period(in: text, at: first.end)
                found.append(
                    Amount(
                        text: text.text(first.start..<periodEnd), value: first.value, currency: first.currency,
                        period: period))
                place = periodEnd
                end = place
            }
        }
        return found
    }

    // MARK: One quantity

    /// A number with what belongs to it.
    private struct Quantity {
        var start: Int
        var end: Int
        let numberEnd: Int
        var number: Double
        var factor: Double?
        /// Whether the factor alone makes no money of it.
        var needsCurrency = false
        var currency: Text?
        /// Whether letters stand right before or behind it, as in `v5`.
        var isInWord = false
        /// Whether what is counted is said behind it, and is no money.
        var isOfThings = false

        var value: Double { factor.map { Self.product(number, $0) } ?? number }

        /// To a millionth, so that 2.05 million is what it says.
        static func product(_ number: Double, _ factor: Double) -> Double {
            let product = number * factor
            return product.magnitude < 1e9 ? (product * 1e6).rounded() / 1e6 : product.rounded()
        }

        var isMoney: Bool { currency != nil || (factor != nil && !needsCurrency && !isOfThings) }
    }

    private func quantity(in text: Letters, _ number: NumberReader.Number, from limit: Int) -> Quantity {
        var found = Quantity(start: number.start, end: number.end, numberEnd: number.end, number: number.value)
        if let before = currencies.match(in: text, endingAt: number.start, from: limit) {
            found.currency = before.value
            found.start = before.start
        } else if isBehindOther(number.start, in: text) {
            found.isInWord = true
            return found
        }
        if let factor = multipliers.match(in: text, at: number.end) {
            found.number = number.valueBeforeFactor
            found.factor = factor.value.factor
            found.needsCurrency = factor.value.needsCurrency
            found.end = factor.end
        }
        // One behind says it more exactly, "$500 CAD", unless it is the next number's: "$5 $10", "USD 5 EUR 10".
        if let after = currencies.match(in: text, at: found.end), !isBeforeNumber(after.end, found.currency, in: text) {
            found.currency = after.value
            found.end = after.end
        }
        // "$1e6" and "20% off" are something else.
        if found.end < text.count, text[found.end].isWordPart || text[found.end] == "%" { found.isInWord = true }
        found.isOfThings = things.match(in: text, at: found.end) != nil
        return found
    }

    /// Whether letters, or digits that hang together with it, stand right before.
    private func isBehindOther(_ start: Int, in text: Letters) -> Bool {
        if start == 0 { return false }
        let before = text[start - 1]
        if before.isWordPart { return true }
        guard start > 1, numbers.hangsTogether(before) else { return false }
        return before == "." || before == "," ? text[start - 2].isWordPart : text[start - 2].isDigit
    }

    private func isBeforeNumber(_ end: Int, _ known: Text?, in text: Letters) -> Bool {
        if end < text.count, text[end].isDigit { return true }
        return known != nil && end + 1 < text.count && text[end].isBlank && text[end + 1].isDigit
    }

    // MARK: Periods and ranges

    /// The period that an amount is for, and where that ends; the place itself where none is said.
    private func period(in text: Letters, at place: Int) -> (period: Text?, end: Int) {
        if let mark = periodMarks.match(in: text, at: place),
            let period = periods.match(in: text, at: mark.end)
        {
            return (period.value, period.end)
        }
        if let period = periods.match(in: text, at: place) { return (period.value, period.end) }
        return (nil, place)
    }

    /// - Returns: no amounts where what is between the two numbers and behind them is no money.
    private func range(in text: Letters, from first: Quantity) -> (amounts: [Amount], end: Int)? {
        guard let mark = rangeMark(in: text, from: first) else { return nil }
        var start = mark
        while start < text.count, text[start].isBlank { start += 1 }
        // A currency may stand before the second number too.
        guard let digits = text.firstDigit(from: start, upTo: start + 12),
            let number = numbers.number(in: text, at: digits)
        else { return nil }
        let last = quantity(in: text, number, from: mark)
        if last.start != start || last.isInWord { return nil }
        if let one = first.currency, let other = last.currency, one != other { return nil }
        let currency = first.currency ?? last.currency
        if last.isOfThings { return currency == nil ? ([], last.numberEnd) : nil }
        // "5-10k" is from five thousand on, "$500 to $2k" is not from half a million.
        let sharesFactor = first.factor == nil && first.number < last.number
        let factor = first.factor ?? (sharesFactor ? last.factor : nil) ?? 1
        guard currency != nil || (last.factor != nil && !last.needsCurrency) else { return nil }
        // "2 m to 500 USD" is a length and an amount.
        if first.needsCurrency, first.currency == nil, last.factor == nil { return nil }
        guard Quantity.product(first.number, factor).isFinite, last.value.isFinite else { return nil }
        let (period, end) = period(in: text, at: last.end)
        let shown = text.text(first.start..<end)
        return (
            [factor == 1 ? first.number : Quantity.product(first.number, factor), last.value].map {
                Amount(text: shown, value: $0, currency: currency, period: period)
            }, end
        )
    }

    private func rangeMark(in text: Letters, from first: Quantity) -> Int? {
        if let mark = rangeMarks.match(in: text, at: first.end) { return mark.end }
        guard let mark = between.match(in: text, at: first.end), first.start > 0,
            text[first.start - 1].isBlank,
            mark.value.match(in: text, endingAt: first.start, from: 0) != nil
        else { return nil }
        return mark.end
    }
}
