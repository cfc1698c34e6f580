import Insight
import Testing

@Suite("Whether somebody else should take over") struct EscalationLevelTests {
    static let rows: [([String], Int)] = [
        ([], 0), (["u Hello"], 0),
        // 1: more than 20 messages, whoever sent them.
        (Sample.copies(20), 0), (Sample.copies(21), 1), (Sample.copies(20, "a ok"), 0), (Sample.copies(21, "a ok"), 1),
        (Sample.copies(10) + Sample.copies(11, "s ok"), 1),
        // 2: users speak negatively on the whole, not only of late.
        (["u awful"], 2), (["u great"], 0), (["u awful and great"], 0), (["a awful"], 0), (["s awful"], 0),
        (["u awful"] + Sample.copies(30), 2), (["u awful", "u great"] + Sample.copies(18), 0),
        (["u awful", "u great"] + Sample.copies(19), 1), (["u awful, terrible"] + Sample.copies(2, "u great"), 0),
        (["u great"] + Sample.copies(2, "u awful"), 2),
        (["u awful awful awful", "u great"], 0), (["u awful", "u awful", "u great"], 2),
        // 3: anybody says a word of escalation, at any time.
        (["u Your manager, please"], 3), (["a I am the SUPERVISOR"], 3), (["s manager"], 3), (["u mismanagers"], 3),
        (["u manage"], 0), (["u manager"] + Sample.copies(30), 3), (["u awful", "u manager"], 3),
        (["u great", "u manager"], 3), (["u manager"] + Sample.copies(5, "u awful") + Sample.copies(30), 3),
    ]

    @Test("The largest level that applies", arguments: rows)
    func table(_ messages: [String], _ level: Int) throws {
        #expect(try Sample.told("escalation_level", of: messages, try Words.builtIn()) == String(level))
    }

    @Test("How many messages are many is the list's", arguments: [0, 1, 7])
    func threshold(_ count: Int) throws {
        let words = try Words.builtIn { $0.escalation.overMessages = count }
        #expect(try Sample.told("escalation_level", of: Sample.copies(count), words) == "0")
        #expect(try Sample.told("escalation_level", of: Sample.copies(count + 1), words) == "1")
    }
}
