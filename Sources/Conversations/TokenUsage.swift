import Jansson

/// What replies took: the `usage` of a reply's metadata, and of a conversation their sum.
package struct TokenUsage: Equatable, Sendable {
    package var input: Int64 = 0
    package var output: Int64 = 0
    /// Of the input, what the agent had kept from before; nil where no reply told.
    package var cached: Int64?
    /// One a currency, in the order in which they came up.
    package var costs: [Cost] = []

    package init() {}

    /// Input and output together.
    package var total: Int64 { input.addingCapped(output) }

    /// Reads {input_tokens, output_tokens, cached_tokens?, cost?}; what is missing or mistyped counts nothing.
    package init(_ json: JSON) {
        input = max(0, json["input_tokens"]?.integer ?? 0)
        output = max(0, json["output_tokens"]?.integer ?? 0)
        cached = json["cached_tokens"]?.integer.map { max(0, $0) }
        costs = json["cost"].flatMap { Cost($0) }.map { [$0] } ?? []
    }

    package mutating func add(_ other: TokenUsage) {
        input = input.addingCapped(other.input)
        output = output.addingCapped(other.output)
        if let more = other.cached { cached = (cached ?? 0).addingCapped(more) }
        for cost in other.costs {
            if let index = costs.firstIndex(where: { $0.currency == cost.currency }) {
                costs[index].add(cost)
            } else {
                costs.append(cost)
            }
        }
    }
}

/// An amount of money.
package struct Cost: Equatable, Sendable {
    package let currency: Text
    /// In billionths, so that a sum of tenths of cents is exact.
    private var billionths: Int64
    /// Whether any part of it was worked out from a price list rather than reported.
    package private(set) var isEstimated: Bool

    package var amount: Double { Double(billionths) / 1e9 }

    /// Reads {amount, currency, source}; nil where it is none, or past what can be summed.
    init?(_ json: JSON) {
        guard let amount = json["amount"]?.number, (0...9e9).contains(amount), let currency = json["currency"]?.text
        else { return nil }
        self.currency = currency
        billionths = Int64((amount * 1e9).rounded())
        isEstimated = json["source"]?.text == "estimated"
    }

    fileprivate mutating func add(_ other: Cost) {
        billionths = billionths.addingCapped(other.billionths)
        isEstimated = isEstimated || other.isEstimated
    }
}

extension Int64 {
    /// Files can be written by hand: a sum that does not fit stays at the largest number.
    fileprivate func addingCapped(_ other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
