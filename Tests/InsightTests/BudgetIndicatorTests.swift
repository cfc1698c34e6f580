import Conversations
import Insight
import Jansson
import Testing

@Suite("Which budget indicators are told, and when") struct BudgetIndicatorTests {
    @Test("Those of users' messages, each with its message")
    func users() throws {
        let messages = ["u $5, my budget", "a $6, your budget", "s $7", "u no", "u 8k"]
        #expect(
            try Sample.told("budget_indicators", of: messages, try Words.builtIn())
                == #"[{"text":"$5","amount":5,"currency":"USD","message_id":"m1"},{"text":"budget","message_id":"m1"},"#
                + #"{"text":"8k","amount":8000,"message_id":"m5"}]"#)
        #expect(try Sample.told("budget_indicators", of: ["a $6", "s budget", "u no"], try Words.builtIn()) == "")
    }

    @Test("The newest 50, also of one message", arguments: [49, 50, 51, 120])
    func newest(_ count: Int) throws {
        let words = try Words.builtIn()
        let texts = (1...count).map { "$\($0)" }
        for messages in [texts.map { "u \($0)" }, ["u \(texts.joined(separator: ", "))"]] {
            let told = try JSON.parse(try Sample.told("budget_indicators", of: messages, words).utf8)
            #expect(told.elements.compactMap { $0["text"]?.text?.description } == texts.suffix(50))
        }
    }

    @Test("Told only where they changed, as an empty list once they are gone")
    func onlyChanges() throws {
        let words = try Words.builtIn()
        var state = Sample.conversation()
        var seq = 0
        func told(_ messages: [String]) throws -> String? {
            let record = try Sample.tally(messages, words).event(throughSeq: messages.count, over: state)
            seq += 1
            state.apply(RecordedEvent(seq: seq, time: Sample.time, event: .insight(record)))
            return record.context["budget_indicators"]?.description
        }
        let five = #"[{"text":"$5.5","amount":5.5,"currency":"USD","message_id":"m1"}]"#
        #expect(try told(["u Hello"]) == nil)
        #expect(try told(["u $5.5"]) == five)
        #expect(try told(["u $5.5", "u Hello"]) == nil)
        #expect(try told(["u $5.5", "u 6k"])?.contains(#""6k""#) == true)
        #expect(try told(["u $5.5"]) == five)
        #expect(try told(["u Hello"]) == "[]")
        #expect(try told(["u Hello"]) == nil)
        #expect(try told(["u $5.5"]) == five)
    }

    @Test("What a file tells is the same as what is found, so that it is not told again")
    func fromFile() throws {
        let messages = ["u $5.55, €1,234.5 a year, 3 million, $1,000,000,000,000,000,000,000, my \"budget\""]
        let tally = try Sample.tally(messages, try Words.builtIn())
        let first = tally.event(throughSeq: 1, over: Sample.conversation())
        let read = try JSON.parse(JSONFragment { $0.object(first.context) }.bytes)
        let state = Sample.conversation { $0.context = Members(read) }
        #expect(first.context["budget_indicators"] != nil)
        #expect(tally.event(throughSeq: 1, over: state).context["budget_indicators"] == nil)
    }
}
