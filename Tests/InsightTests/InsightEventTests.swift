import Conversations
import Insight
import Jansson
import Testing

@Suite("The event that tells what was found out") struct InsightEventTests {
    @Test("The members of its context and its checkpoint, byte for byte")
    func members() throws {
        let words = try Words.builtIn()
        let messages = [
            "u The manager is awful, my budget $5", "a I transfer you", "u The price of premium? 2k", "u cheaper",
        ]
        let record = try Sample.tally(messages, words).event(throughSeq: 9, over: Sample.conversation())
        #expect(
            record.context.list.map { "\($0.name) \($0.value.description)" } == [
                "needs_escalation true",
                #"budget_indicators [{"text":"$5","amount":5,"currency":"USD","message_id":"m1"},"#
                    + #"{"text":"budget","message_id":"m1"},{"text":"2k","amount":2000,"message_id":"m3"},"#
                    + #"{"text":"cheaper","message_id":"m4"}]"#,
                #"user_sentiment {"sentiment":"negative","confidence":0.3333333333333333}"#, "escalation_level 3",
                #"products_discussed ["premium"]"#, #"conversation_stage "discovery""#, "topics_discussed []",
                #"conversation_mood {"overall_sentiment":"negative","energy_level":"high","engagement":"casual"}"#,
            ])
        let hash = Analyser(words).wordsHash
        #expect(
            record.checkpoint?.description
                == #"{"throughSeq":9,"wordsHash":"\#(hash)","messages":4,"userMessages":3,"negative":1,"positive":0,"#
                + #""saysEscalation":true,"saysPrice":true,"needsEscalation":true,"budgetSeqs":[1,3,4]}"#)
    }

    @Test("Of no messages at all")
    func empty() throws {
        let words = try Words.builtIn()
        let record = try Sample.tally([], words).event(throughSeq: 0, over: Sample.conversation())
        #expect(
            record.context.list.map(\.name) == [
                "user_sentiment", "escalation_level", "products_discussed", "conversation_stage", "topics_discussed",
                "conversation_mood",
            ])
        #expect(
            record.checkpoint?.description
                == #"{"throughSeq":0,"wordsHash":"\#(Analyser(words).wordsHash)","messages":0,"userMessages":0,"#
                + #""negative":0,"positive":0}"#)
    }

    @Test("It is a line of a file that reads back as it was told")
    func readsBack() throws {
        let tally = try Sample.tally(["u My budget is $5,000", "a We follow up"], try Words.builtIn())
        let record = tally.event(throughSeq: 2, over: Sample.conversation())
        let line = JSONFragment { $0.event(.insight(record), seq: 3, at: Sample.time) }
        let read = try JSON.parse(line.bytes)
        #expect(Members(read["context"]) == record.context)
        #expect(read["checkpoint"].map { JSONFragment($0) } == record.checkpoint)
    }
}
