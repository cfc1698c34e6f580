import Conversations
import Insight
import Jansson
import TestSupport
import Testing

/// What is told must not depend on who had opened the conversation when.
@Suite("Going on from a checkpoint") struct CheckpointTests {
    private static let parts = [
        "angry", "awful", "great", "PERFECT", "manager", "pro plan", "Basic Plan", "enterprise", "premium", "feature",
        "price", "cost", "api", "login",
        "invoice", "tutorial", "transfer", "follow up", "call back", "budget", "cheaper", "$5", "5k", "€300/month",
        "5-10k", "hello", "ok", "größe",
    ]

    @Test("Continued from anywhere it comes to the same as counted at once", arguments: 0..<60)
    func random(_ seed: UInt64) throws {
        var generator = Sample.generator(seed)
        let words = try Words.builtIn {
            $0.sentiment.lastMessages = 1 + generator.below(8)
            $0.mood.lastMessages = 1 + generator.below(8)
        }
        let analyser = Analyser(words)
        // Few of the words in each conversation, so that many of them lack what others have.
        let parts = (0..<4 + generator.below(8)).map { _ in generator.pick(Self.parts) }
        let messages = (0..<generator.below(40)).map { _ in
            let text = (0..<generator.below(5)).map { _ in generator.pick(parts) }.joined(separator: " ")
            return generator.pick(["u", "u", "a", "s"]) + " " + text
        }
        let end = generator.below(messages.count + 1)
        let state = Sample.conversation { $0.forkedFrom = ForkOrigin(conversationId: "c", seq: 0, inherited: 0) }

        var whole = Tally(analyser)
        try Sample.add(Array(messages[..<end]), to: &whole)
        let record = whole.event(throughSeq: whole.messages, over: state)
        whole.told()
        var continued = try Self.restored(record, analyser, messages)
        #expect(Self.shown(continued, state) == Self.shown(whole, state), "at \(end) of \(messages)")

        for message in messages[end...] {
            try Sample.add([message], to: &whole)
            try Sample.add([message], to: &continued)
            #expect(Self.shown(continued, state) == Self.shown(whole, state), "at \(end) of \(messages)")
        }
    }

    @Test("The newest 50 budget indicators may begin within a message", arguments: [1, 3, 49, 60])
    func withinMessage(_ amounts: Int) throws {
        let analyser = Analyser(try Words.builtIn())
        let texts = (0..<40).map { message in
            "u " + (1...amounts).map { "$\(message * 100 + $0)" }.joined(separator: ", ") + " budget"
        }
        var whole = Tally(analyser)
        try Sample.add(texts, to: &whole)
        let record = whole.event(throughSeq: 40, over: Sample.conversation())
        let continued = try Self.restored(record, analyser, texts)
        #expect(Self.shown(continued, Sample.conversation()) == Self.shown(whole, Sample.conversation()))
    }

    @Test("What was counted with other words, or none, is not gone on with")
    func otherWords() throws {
        let analyser = Analyser(try Words.builtIn())
        let record = Tally(analyser).event(throughSeq: 0, over: Sample.conversation())
        let checkpoint = try #require(Checkpoint(event: try Self.event(record)))
        #expect(Tally(analyser, checkpoint) != nil)
        #expect(Tally(Analyser(try Words.builtIn()), checkpoint) != nil)
        #expect(Tally(Analyser(try Words.german()), checkpoint) == nil)
        #expect(Tally(Analyser(try Words.builtIn { $0.mood.engagedOver += 1 }), checkpoint) == nil)
    }

    /// As a host does it: the messages of the checkpoint's budget indicators and the newest ones are looked at again.
    static func restored(_ record: InsightRecord, _ analyser: Analyser, _ messages: [String]) throws -> Tally {
        let checkpoint = try #require(Checkpoint(event: try event(record)))
        var tally = try #require(Tally(analyser, checkpoint))
        for seq in checkpoint.budgetSeqs {
            tally.recall(budgetOf: try Sample.said(messages[seq - 1]).content, id: Text("m\(seq)"), seq: seq)
        }
        for message in messages[..<checkpoint.throughSeq].suffix(tally.window) {
            let (role, content) = try Sample.said(message)
            tally.recall(role, content)
        }
        return tally
    }

    static func event(_ record: InsightRecord) throws -> JSON {
        try JSON.parse(JSONFragment { $0.event(.insight(record), seq: 1_000_000, at: Sample.time) }.bytes)
    }

    /// Everything that can be told of a tally.
    static func shown(_ tally: Tally, _ state: Conversation) -> [String] {
        let record = tally.event(throughSeq: tally.messages, over: state)
        return [record.context.description, record.checkpoint?.description ?? ""]
            + ["general", "sales", "customer_support"].map { type in
                Briefing(Sample.conversation(type: type), tally, newest: []).context.description
            }
    }
}
