import Jansson

/// Tokens that replies took: the `usage` of a reply's metadata, and of a conversation their sum.
package struct TokenUsage: Equatable, Sendable {
    package var input: Int64 = 0
    package var output: Int64 = 0
    /// Of the input, what the agent had kept from before; nil where no reply told.
    package var cached: Int64?

    package init() {}

    /// Input and output together.
    package var total: Int64 { Self.sum(input, output) }

    /// Reads {input_tokens, output_tokens, cached_tokens?}; counts that are missing or mistyped count nothing.
    package init(_ json: JSON) {
        input = max(0, json["input_tokens"]?.integer ?? 0)
        output = max(0, json["output_tokens"]?.integer ?? 0)
        cached = json["cached_tokens"]?.integer.map { max(0, $0) }
    }

    package mutating func add(_ other: TokenUsage) {
        input = Self.sum(input, other.input)
        output = Self.sum(output, other.output)
        if let more = other.cached { cached = Self.sum(cached ?? 0, more) }
    }

    /// Files can be written by hand: a sum that does not fit stays at the largest number.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? .max : sum
    }
}
