import Insight
import Testing

@Suite("How users speak") struct SentimentTests {
    static let rows: [([String], String)] = [
        // What counts: words of users, each once a message.
        ([], #"{"sentiment":"neutral","confidence":0.0}"#),
        (["u I am angry"], #"{"sentiment":"negative","confidence":1.0}"#),
        (["u This is great"], #"{"sentiment":"positive","confidence":1.0}"#),
        (["u It is blue"], #"{"sentiment":"neutral","confidence":0.0}"#),
        (["u angry but great"], #"{"sentiment":"neutral","confidence":0.0}"#),
        (["u angry, upset, but great"], #"{"sentiment":"negative","confidence":1.0}"#),
        (["u angry angry ANGRY Angry"], #"{"sentiment":"negative","confidence":1.0}"#),
        (["u angry", "u angry"], #"{"sentiment":"negative","confidence":1.0}"#),
        (["u The greatest upsetting thing, frustratedly"], #"{"sentiment":"negative","confidence":1.0}"#),
        // The confidence is a message's, so that more words than messages are more than 1.
        (["u great awesome excellent"], #"{"sentiment":"positive","confidence":3.0}"#),
        (["u great awesome", "u ok"], #"{"sentiment":"positive","confidence":1.0}"#),
        (["u great", "u ok", "u ok", "u ok"], #"{"sentiment":"positive","confidence":0.25}"#),
        (["u awful", "u ok", "u ok"], #"{"sentiment":"negative","confidence":0.3333333333333333}"#),
        // Only users count, in the words and in the number of messages.
        (["a awful", "s terrible"], #"{"sentiment":"neutral","confidence":0.0}"#),
        (["u great", "a awful, terrible", "s angry"], #"{"sentiment":"positive","confidence":1.0}"#),
        // Only the newest 6 messages do, whoever sent the others.
        (["u awful"] + Sample.copies(5, "a ok"), #"{"sentiment":"negative","confidence":1.0}"#),
        (["u awful"] + Sample.copies(6, "a ok"), #"{"sentiment":"neutral","confidence":0.0}"#),
        (["u awful"] + Sample.copies(5), #"{"sentiment":"negative","confidence":0.16666666666666666}"#),
        (["u awful"] + Sample.copies(6), #"{"sentiment":"neutral","confidence":0.0}"#),
        (["u awful", "u awful", "u great"] + Sample.copies(4), #"{"sentiment":"neutral","confidence":0.0}"#),
    ]

    @Test("Negative against positive words of the users' messages among the newest 6", arguments: rows)
    func table(_ messages: [String], _ told: String) throws {
        #expect(try Sample.told("user_sentiment", of: messages, try Words.builtIn()) == told)
    }

    @Test("How many messages are the newest is the list's", arguments: [1, 2, 5, 6, 7, 100])
    func window(_ count: Int) throws {
        let words = try Words.builtIn { $0.sentiment.lastMessages = count }
        let negative = try Sample.told("user_sentiment", of: ["u awful"] + Sample.copies(count - 1, "a ok"), words)
        #expect(negative == #"{"sentiment":"negative","confidence":1.0}"#)
        let neutral = try Sample.told("user_sentiment", of: ["u awful"] + Sample.copies(count, "a ok"), words)
        #expect(neutral == #"{"sentiment":"neutral","confidence":0.0}"#)
    }

    @Test("A word within another one counts beside it")
    func within() throws {
        let words = try Words.builtIn { $0.sentiment.negative = ["sad", "sa", "saddest"] }
        #expect(
            try Sample.told("user_sentiment", of: ["u sad"], words) == #"{"sentiment":"negative","confidence":2.0}"#)
    }
}
