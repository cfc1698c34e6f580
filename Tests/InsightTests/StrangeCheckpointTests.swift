import Conversations
import Insight
import Jansson
import Testing

/// Files come from anywhere. A checkpoint that no Parley wrote may tell nonsense, but not end the process.
@Suite("Checkpoints that no Parley wrote") struct StrangeCheckpointTests {
    @Test(
        "Such as can't be gone on from",
        arguments: [
            #"{}"#, #"{"seq":5}"#, #"{"seq":5,"checkpoint":null}"#, #"{"seq":5,"checkpoint":[]}"#,
            #"{"seq":5,"checkpoint":{}}"#, #"[]"#, #"5"#,
            #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"HASH"}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":4,"messages":1}}"#,
            #"{"seq":5,"checkpoint":{"wordsHash":"HASH","messages":1}}"#,
            #"{"checkpoint":{"throughSeq":4,"wordsHash":"HASH","messages":1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":5,"wordsHash":"HASH","messages":1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":-1,"wordsHash":"HASH","messages":1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"HASH","messages":-1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":4.0,"wordsHash":"HASH","messages":1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":"4","wordsHash":"HASH","messages":1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":7,"messages":1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"HASH","messages":"1"}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":9223372036854775807,"wordsHash":"HASH","messages":1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"","messages":1}}"#,
            #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"0000000000000000","messages":1}}"#,
        ])
    func refused(_ event: String) throws { #expect(try Self.tally(event) == nil) }

    @Test(
        "Such as can: what makes no sense counts as nothing",
        arguments: [
            "", #","userMessages":-1,"negative":-5,"positive":-9223372036854775808"#,
            #","userMessages":"x","negative":null,"positive":[]"#,
            #","userMessages":1.5,"negative":{},"positive":true"#,
            #","saysEscalation":1,"saysFeature":"true","saysPrice":null"#,
            #","needsEscalation":"true","needsFollowup":[]"#, #","budgetSeqs":5"#, #","budgetSeqs":{}"#,
            #","budgetSeqs":[-1,0,5,6,"2",null,[],9223372036854775807,2.0]"#,
        ])
    func nonsense(_ members: String) throws {
        let event = #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"HASH","messages":2\#(members)}}"#
        var tally = try #require(try Self.tally(event))
        #expect(try Checkpoint(event: Self.parsed(event))?.budgetSeqs == [])
        let clean = try #require(
            try Self.tally(#"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"HASH","messages":2}}"#))
        #expect(
            CheckpointTests.shown(tally, Sample.conversation()) == CheckpointTests.shown(clean, Sample.conversation()))
        try Sample.add(["u awful price", "a ok"], to: &tally)
        #expect(tally.messages == 4)
    }

    @Test("Counts that can't be more are no crash", arguments: ["messages", "userMessages", "negative", "positive"])
    func huge(_ name: String) throws {
        for number in [Int64.max, Int64.max - 1, 1 << 62] {
            let counts = ["messages", "userMessages", "negative", "positive"].map {
                #","\#($0)":\#($0 == name ? number : 1)"#
            }
            let event = #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"HASH"\#(counts.joined())}}"#
            guard var tally = try Self.tally(event) else { continue }
            try Sample.add(Sample.copies(8, "u awful great terrible"), to: &tally)
            let told = tally.event(throughSeq: 12, over: Sample.conversation())
            #expect(told.context["user_sentiment"]?.description == #"{"sentiment":"negative","confidence":1.0}"#)
        }
    }

    @Test("Products and topics that are not in the list, or no list at all")
    func context() throws {
        let event = #"{"seq":5,"checkpoint":{"throughSeq":4,"wordsHash":"HASH","messages":2},"context":CONTEXT}"#
        for context in [
            "5", "[]", "null", "{}", #"{"products_discussed":5,"topics_discussed":{}}"#,
            #"{"products_discussed":["none",5,null,[]],"topics_discussed":["none",true]}"#,
        ] {
            let tally = try #require(try Self.tally(event.replacing("CONTEXT", with: context)))
            let told = tally.event(throughSeq: 4, over: Sample.conversation()).context
            #expect(told["products_discussed"]?.description == "[]" && told["topics_discussed"]?.description == "[]")
        }
        let known =
            #"{"products_discussed":["premium","none","pro plan","premium"],"#
            + #""topics_discussed":["account","none","technical"]}"#
        var tally = try #require(try Self.tally(event.replacing("CONTEXT", with: known)))
        try Sample.add(["u premium, enterprise"], to: &tally)
        let told = tally.event(throughSeq: 5, over: Sample.conversation()).context
        #expect(told["products_discussed"]?.description == #"["premium","pro plan","enterprise"]"#)
        #expect(told["topics_discussed"]?.description == #"["technical","account"]"#)
    }

    private static func tally(_ event: String) throws -> Tally? {
        let analyser = Analyser(try Words.builtIn())
        return Checkpoint(event: try parsed(event)).flatMap { Tally(analyser, $0) }
    }

    private static func parsed(_ event: String) throws -> JSON {
        let hash = Analyser(try Words.builtIn()).wordsHash.description
        return try JSON.parse("[\(event.replacing("HASH", with: hash))]".utf8).elements[0]
    }
}
