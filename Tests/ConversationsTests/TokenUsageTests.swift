import Conversations
import Jansson
import Testing

@Suite("What replies took, and its sum") struct TokenUsageTests {
    private func sum(_ texts: [String]) throws -> TokenUsage {
        var sum = TokenUsage()
        for text in texts { sum.add(TokenUsage(try JSON.parse(text.utf8))) }
        return sum
    }

    private func cost(_ amount: String, _ currency: String = "USD", _ source: String = "reported") -> String {
        #"{"cost":{"amount":\#(amount),"currency":"\#(currency)","source":"\#(source)"}}"#
    }

    @Test("Everything that is told is read, and adds up")
    func sums() throws {
        let usage = try sum([
            #"{"input_tokens":10,"output_tokens":5,"cached_tokens":3}"#, #"{"input_tokens":1}"#,
            #"{"output_tokens":7,"cached_tokens":2,"other":1}"#, "{}",
        ])
        #expect(usage.input == 11 && usage.output == 12 && usage.total == 23 && usage.cached == 5)
        #expect(usage.costs.isEmpty)
    }

    @Test("Where no reply told what was cached, none is said; where one told of nothing, that is said")
    func cached() throws {
        #expect(try sum([#"{"input_tokens":1}"#, #"{"input_tokens":1}"#]).cached == nil)
        #expect(try sum([#"{"input_tokens":1}"#, #"{"cached_tokens":0}"#]).cached == 0)
    }

    @Test(
        "Sums of money are exact",
        arguments: [
            (["0.1", "0.2"], 0.3), (["0.1", "0.1", "0.1"], 0.3), (["0.000000001", "0.000000002"], 3e-9), (["0"], 0.0),
            (["1", "2.5"], 3.5), ([String](repeating: "0.0003", count: 1000), 0.3), (["9e9"], 9e9), (["1.001"], 1.001),
            (["1.003", "1.005"], 2.008),
        ] as [([String], Double)])
    func exact(_ amounts: [String], _ expected: Double) throws {
        let usage = try sum(amounts.map { cost($0) })
        #expect(usage.costs.map(\.amount) == [expected])
        #expect(usage.costs.map(\.isEstimated) == [false])
    }

    @Test("Each currency has its own sum, in the order in which they came up")
    func currencies() throws {
        let usage = try sum([cost("1", "EUR"), cost("2", "USD"), cost("0.5", "EUR"), cost("3", "")])
        #expect(usage.costs.map(\.currency) == ["EUR", "USD", ""])
        #expect(usage.costs.map(\.amount) == [1.5, 2, 3])
    }

    @Test(
        "What was partly estimated is estimated",
        arguments: [
            (["estimated", "reported"], true), (["reported", "estimated"], true), (["reported", "reported"], false),
            (["something"], false), (["estimated"], true),
        ])
    func estimated(_ sources: [String], _ expected: Bool) throws {
        #expect(try sum(sources.map { cost("1", "USD", $0) }).costs.map(\.isEstimated) == [expected])
    }

    @Test("An estimate of one currency leaves the others reported")
    func estimatedAlone() throws {
        let usage = try sum([cost("1", "EUR", "estimated"), cost("1")])
        #expect(usage.costs.map(\.isEstimated) == [true, false])
    }

    @Test("A sum that does not fit stays at the largest number")
    func overflow() throws {
        let usage = try sum([
            #"{"input_tokens":\#(Int64.max),"output_tokens":\#(Int64.max),"cached_tokens":\#(Int64.max)}"#,
            #"{"input_tokens":2,"output_tokens":2,"cached_tokens":2}"#,
        ])
        #expect(usage.input == .max && usage.output == .max && usage.cached == .max && usage.total == .max)
        let money = try sum([cost("9e9"), cost("9e9")])
        #expect(money.costs.map(\.amount) == [Double(Int64.max) / 1e9])
    }

    @Test(
        "What is mistyped or negative counts nothing",
        arguments: [
            #"{"input_tokens":-5,"output_tokens":-1,"cached_tokens":"3"}"#,
            #"{"input_tokens":"5","output_tokens":1.5}"#, #"{"input_tokens":null,"cost":7}"#, "[]", "7", "null",
            #"{"cost":{"amount":-1,"currency":"USD","source":"reported"}}"#,
            #"{"cost":{"amount":"1","currency":"USD"}}"#, #"{"cost":{"amount":1}}"#,
            #"{"cost":{"amount":1,"currency":7}}"#, #"{"cost":{"amount":9.1e9,"currency":"USD"}}"#,
            #"{"cost":[{"amount":1,"currency":"USD"}]}"#,
        ])
    func mistyped(_ text: String) throws {
        #expect(try sum([text]) == TokenUsage())
    }

    @Test("A negative count of cached tokens is none")
    func negativeCached() throws {
        #expect(try sum([#"{"cached_tokens":-3}"#]).cached == 0)
    }

    @Test("One bad member does not lose the others")
    func others() throws {
        let usage = try sum([
            #"{"input_tokens":-1,"output_tokens":4,"cost":{"amount":2,"currency":"USD","source":"x"}}"#
        ])
        #expect(usage.total == 4 && usage.costs.map(\.amount) == [2])
    }
}
