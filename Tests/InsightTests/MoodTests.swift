import Insight
import Testing

@Suite("The mood of a conversation") struct MoodTests {
    static let rows: [([String], String, String, String)] = [
        ([], "neutral", "low", "casual"),
        (Sample.copies(3), "neutral", "low", "casual"), (Sample.copies(4), "neutral", "high", "casual"),
        (Sample.copies(3, "a ok"), "neutral", "low", "casual"), (Sample.copies(4, "s ok"), "neutral", "high", "casual"),
        (Sample.copies(10), "neutral", "high", "casual"), (Sample.copies(11), "neutral", "high", "engaged"),
        (Sample.copies(11, "a ok"), "neutral", "high", "engaged"),
        // The sentiment is that of the newest 5 messages, one less than user_sentiment takes.
        (["u awful"], "negative", "low", "casual"), (["u great"], "positive", "low", "casual"),
        (["a awful"], "neutral", "low", "casual"),
        (["u awful"] + Sample.copies(4), "negative", "high", "casual"),
        (["u awful"] + Sample.copies(5), "neutral", "high", "casual"),
        (["u awful", "u awful", "u great"] + Sample.copies(3), "neutral", "high", "casual"),
        (["u awful", "u awful", "u great"] + Sample.copies(4, "a ok"), "positive", "high", "casual"),
    ]

    @Test("Of the newest 5 messages, and of how many there are", arguments: rows)
    func table(_ messages: [String], _ sentiment: String, _ energy: String, _ engagement: String) throws {
        #expect(
            try Sample.told("conversation_mood", of: messages, try Words.builtIn())
                == #"{"overall_sentiment":"\#(sentiment)","energy_level":"\#(energy)","engagement":"\#(engagement)"}"#)
    }

    @Test("Energy can't be high where fewer messages are looked at than it takes", arguments: [3, 4])
    func highOver(_ lastMessages: Int) throws {
        let words = try Words.builtIn { $0.mood.lastMessages = lastMessages }
        let told = try Sample.told("conversation_mood", of: Sample.copies(30), words)
        #expect(told.contains(#""energy_level":"high""#) == (lastMessages > 3))
    }

    @Test("The mood may take more messages than user_sentiment")
    func longerThanSentiment() throws {
        let words = try Words.builtIn { $0.mood.lastMessages = 9 }
        let messages = ["u awful"] + Sample.copies(8)
        #expect(try Sample.told("conversation_mood", of: messages, words).contains("negative"))
        #expect(try Sample.told("conversation_mood", of: messages + ["u ok"], words).contains("neutral"))
        #expect(try Sample.told("user_sentiment", of: messages, words).contains("neutral"))
    }

    @Test("When a conversation is engaged is the list's", arguments: [0, 1, 12])
    func engagedOver(_ count: Int) throws {
        let words = try Words.builtIn { $0.mood.engagedOver = count }
        #expect(try Sample.told("conversation_mood", of: Sample.copies(count), words).contains("casual"))
        #expect(try Sample.told("conversation_mood", of: Sample.copies(count + 1), words).contains("engaged"))
    }
}
