import Conversations
import Insight
import Jansson
import Testing

@Suite("What an agent is told about a conversation") struct BriefingTests {
    private static let messages = [
        "u My manager is angry", "a Let me transfer you", "u premium or enterprise at $5k?", "s Note", "u A great plan",
        "u What does the API cost?", "a Much",
    ]

    @Test("The whole context of each type, byte for byte")
    func types() throws {
        let history =
            #"user: My manager is angry\nassistant: Let me transfer you\nuser: premium or enterprise at $5k?\n"#
            + #"system: Note\nuser: A great plan\nuser: What does the API cost?\nassistant: Much"#
        func expected(_ type: String, _ rest: String) -> String {
            #"{"conversation_id":"conv_1","user_id":"ada","conversation_history":"\#(history)","#
                + #""conversation_metadata":{"a":1,"b":{"c":[]}},"message_count":7,"#
                + #""conversation_type":"\#(type)",\#(rest)}"#
        }
        let general =
            #""topics_discussed":["technical","billing"],"conversation_mood":"#
            + #"{"overall_sentiment":"positive","energy_level":"high","engagement":"casual"}"#
        #expect(try Self.context("general") == expected("general", general))
        #expect(try Self.context("made up") == expected("made up", general))
        #expect(
            try Self.context("customer_support")
                == expected(
                    "customer_support",
                    #""recent_issues":["premium or enterprise at $5k?","A great plan","What does the API cost?"],"#
                        + #""conversation_length":7,"user_sentiment":{"sentiment":"positive","#
                        + #""confidence":0.3333333333333333},"escalation_level":3"#))
        #expect(
            try Self.context("sales")
                == expected(
                    "sales",
                    #""lead_score":0,"products_discussed":["enterprise","premium"],"conversation_stage":"negotiation","#
                        + #""budget_indicators":[{"text":"$5k","amount":5000,"currency":"USD","message_id":"m3"}]"#))
    }

    private static func context(_ type: Text) throws -> String {
        let metadata = Members(try JSON.parse(#"{"a":1,"b":{"c":[]}}"#.utf8))
        let conversation = Sample.conversation(type: type) { $0.metadata = metadata }
        let tally = try Sample.tally(messages, try Words.builtIn())
        return Briefing(conversation, tally, newest: try messages.map(Sample.said)).context.description
    }

    /// A member of what is told of these newest messages, which need not be those that were counted.
    private static func member(
        _ name: StaticString, _ type: Text, _ newest: [(role: Role, content: Text)], context: String = "{}",
        words: WordList? = nil
    ) throws -> JSON? {
        let context = Members(try JSON.parse(context.utf8))
        let conversation = Sample.conversation(type: type) { $0.context = context }
        let tally = Tally(Analyser(try words ?? Words.builtIn()))
        return try JSON.parse(Briefing(conversation, tally, newest: newest).context.bytes)[name]
    }

    @Test("The history is the newest 10 messages", arguments: [0, 1, 9, 10, 11, 100])
    func historyLength(_ count: Int) throws {
        let newest = (0..<count).map { (role: Role.user, content: Text("m\($0)")) }
        let lines = (0..<count).suffix(10).map { "user: m\($0)" }.joined(separator: "\n")
        #expect(try Self.member("conversation_history", "general", newest)?.text == Text(lines))
    }

    @Test(
        "A content stands in the history as it is",
        arguments: [
            "", "a\nb", "\r\n", "user: x\nassistant: y", "\u{0}", "\"\\\u{1}\u{7F}", "ü e\u{301} 😀", "\u{2028}", "\n",
        ])
    func historyContents(_ content: String) throws {
        let newest = [(role: Role.system, content: Text(content)), (role: .assistant, content: Text(content))]
        #expect(
            try Self.member("conversation_history", "sales", newest)?.text
                == Text("system: \(content)\nassistant: \(content)"))
    }

    @Test("Recent issues are the users' among the newest 6, or as many as the list says", arguments: [1, 6, 7, 40])
    func issues(_ count: Int) throws {
        let words = try Words.builtIn { $0.issuesLastMessages = count }
        let newest = (0..<50).map { (role: $0 % 2 == 0 ? Role.user : .assistant, content: Text("m\($0)")) }
        let told = try Self.member("recent_issues", "customer_support", newest, words: words)
        #expect(
            try told?.strings() == (50 - count..<50).filter { $0.isMultiple(of: 2) }.map { Text("m\($0)") })
        #expect(Briefing.messages(words) == max(10, count))
    }

    @Test(
        "The lead score is the profile's number, as it stands there",
        arguments: [
            ("{}", "0"), (#"{"user_profile":{"lead_score":87}}"#, "87"), (#"{"user_profile":{"lead_score":-1}}"#, "-1"),
            (#"{"user_profile":{"lead_score":0.1}}"#, "0.1"), (#"{"user_profile":{"lead_score":87.0}}"#, "87.0"),
            (#"{"user_profile":{"lead_score":9223372036854775807}}"#, "9223372036854775807"),
            (#"{"user_profile":{"lead_score":"87"}}"#, "0"), (#"{"user_profile":{"lead_score":null}}"#, "0"),
            (#"{"user_profile":{"lead_score":[1]}}"#, "0"), (#"{"user_profile":{"score":87}}"#, "0"),
            (#"{"user_profile":87}"#, "0"), (#"{"user_profile":null}"#, "0"), (#"{"user_profile":[]}"#, "0"),
            (#"{"lead_score":87}"#, "0"), (#"{"user_profile":{"user_profile":{"lead_score":87}}}"#, "0"),
        ])
    func leadScore(_ context: String, _ score: String) throws {
        let told = try Self.member("lead_score", "sales", [], context: context)
        #expect(told.map { JSONFragment($0).description } == score)
    }

    @Test("A prompt that is only looked at counts, and its indicators have no message")
    func preview() throws {
        var tally = try Sample.tally(["u $5"], try Words.builtIn())
        tally.add(.user, "6k", id: nil, seq: 2)
        let told = try JSON.parse(Briefing(Sample.conversation(type: "sales"), tally, newest: []).context.bytes)
        #expect(told["message_count"]?.integer == 2)
        #expect(
            told["budget_indicators"].map { JSONFragment($0).description }
                == #"[{"text":"$5","amount":5,"currency":"USD","message_id":"m1"},{"text":"6k","amount":6000}]"#)
    }

    @Test("The types are these")
    func allTypes() {
        #expect(ConversationType.allCases.map(\.rawValue) == ["customer_support", "sales", "general"])
    }
}
