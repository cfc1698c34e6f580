import Conversations
import Insight
import Jansson
import Testing

/// A flag that is told again with each event would undo whoever dealt with it and set it to false.
@Suite("What replies call for") struct NeedsTests {
    @Test(
        "A reply's words, nobody else's",
        arguments: [
            ("a I will transfer you", "true", ""), ("a I ESCALATED that", "true", ""), ("a An escalation", "", ""),
            ("a We escalate", "true", ""),
            ("a We will follow up", "", "true"), ("a We call back", "", "true"), ("a followup", "", ""),
            ("a Transferred; we will Call Back", "true", "true"), ("a Hello", "", ""),
            ("u Please transfer me and call back", "", ""), ("s transfer, follow up", "", ""),
            ("a We de-escalate", "true", ""),
        ])
    func words(_ message: String, _ escalation: String, _ followup: String) throws {
        var tally = Tally(Analyser(try Words.builtIn()))
        try Sample.add([message], to: &tally)
        let context = tally.event(throughSeq: 1, over: Sample.conversation()).context
        #expect(context["needs_escalation"]?.description ?? "" == escalation)
        #expect(context["needs_followup"]?.description ?? "" == followup)
    }

    /// A conversation, and what is known of it, as a host keeps both.
    private struct Told {
        var tally: Tally
        var state = Sample.conversation()
        var seq = 0

        init() throws { tally = Tally(Analyser(try Words.builtIn())) }

        mutating func say(_ messages: String...) throws {
            seq += messages.count
            try Sample.add(messages, to: &tally)
        }

        /// The two flags that the next event has, and that event applied.
        mutating func tell() -> [String?] {
            let record = tally.event(throughSeq: seq, over: state)
            seq += 1
            state.apply(RecordedEvent(seq: seq, time: Sample.time, event: .insight(record)))
            tally.told()
            return ["needs_escalation", "needs_followup"].map { record.context[$0]?.description }
        }

        mutating func setToFalse() {
            var update = Update()
            update.context.set["needs_escalation"] = .boolean(false)
            seq += 1
            state.apply(RecordedEvent(seq: seq, time: Sample.time, event: .updated(update)))
        }
    }

    @Test("Told once, and again with the next reply that calls for it")
    func onlyWhenNew() throws {
        var told = try Told()
        try told.say("u Hello", "a I transfer you")
        #expect(told.tell() == ["true", nil])
        #expect(told.tell() == [nil, nil])
        try told.say("u Thanks", "a Bye")
        #expect(told.tell() == [nil, nil])
        try told.say("u Wait", "a I follow up")
        #expect(told.tell() == [nil, "true"])
        try told.say("a I transfer you", "a Bye")
        #expect(told.tell() == ["true", nil])
    }

    @Test("What was dealt with stays so, until another reply calls for it")
    func dealtWith() throws {
        var told = try Told()
        try told.say("a I transfer you")
        #expect(told.tell() == ["true", nil])
        told.setToFalse()
        try told.say("u Hello", "a Hello")
        #expect(told.tell() == [nil, nil])
        #expect(told.state.context["needs_escalation"] == .boolean(false))
        try told.say("a I transfer you")
        #expect(told.tell() == ["true", nil])
    }

    @Test("False once no reply of the history calls for it, and that once")
    func left() throws {
        var told = try Told()
        try told.say("a I transfer you", "a I follow up")
        #expect(told.tell() == ["true", "true"])
        // The first reply was superseded: the history is counted anew, without it.
        told.tally = Tally(Analyser(try Words.builtIn()))
        try told.say("a I follow up")
        told.tally.told()
        #expect(told.tell() == ["false", nil])
        #expect(told.tell() == [nil, nil])
        told.tally = Tally(Analyser(try Words.builtIn()))
        #expect(told.tell() == [nil, "false"])
        #expect(told.tell() == [nil, nil])
    }

    @Test("Nothing once the reply left that somebody has dealt with")
    func dealtWithAndLeft() throws {
        var told = try Told()
        try told.say("a I transfer you")
        #expect(told.tell() == ["true", nil])
        told.setToFalse()
        told.tally = Tally(Analyser(try Words.builtIn()))
        #expect(told.tell() == [nil, nil])
        #expect(told.state.context["needs_escalation"] == .boolean(false))
    }

    @Test("True where one such reply left, and another came")
    func replaced() throws {
        var told = try Told()
        try told.say("a I transfer you")
        #expect(told.tell() == ["true", nil])
        told.tally = Tally(Analyser(try Words.builtIn()))
        try told.say("a I escalate this")
        #expect(told.tell() == ["true", nil])
    }

    @Test("A tally that goes on from a checkpoint tells neither again")
    func fromCheckpoint() throws {
        let analyser = Analyser(try Words.builtIn())
        var told = try Told()
        try told.say("a I transfer you and call back")
        let record = told.tally.event(throughSeq: 1, over: told.state)
        #expect(told.tell() == ["true", "true"])
        let event = try JSON.parse(JSONFragment { $0.event(.insight(record), seq: 2, at: Sample.time) }.bytes)
        let checkpoint = try #require(Checkpoint(event: event))
        told.tally = try #require(Tally(analyser, checkpoint))
        #expect(told.tell() == [nil, nil])
        try told.say("a I transfer you")
        #expect(told.tell() == ["true", nil])
    }
}
