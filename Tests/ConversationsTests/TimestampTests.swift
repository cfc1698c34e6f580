import Conversations
import Jansson
import TestSupport
import Testing

@Suite("Moments as text") struct TimestampTests {
    /// Moments and their one canonical text.
    static let known: [(milliseconds: Int64, text: String)] = [
        (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_799_999, "2000-02-29T23:59:59.999Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"), (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (1_795_338_643_123, "2026-11-22T09:10:43.123Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (978_307_199_000, "2000-12-31T23:59:59.000Z"),
    ]

    @Test("Written in 24 bytes, and read by both readers", arguments: known)
    func canonical(_ milliseconds: Int64, _ text: String) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(time.text == Text(text))
        #expect(Timestamp(text.utf8) == time)
        #expect(readCanonical(Array(text.utf8)) == time)
    }

    @Test(
        "Other ways of RFC 3339 are the same moment",
        arguments: [
            ("2026-11-22T09:10:43Z", "2026-11-22T09:10:43.000Z"), ("2026-11-22t09:10:43z", "2026-11-22T09:10:43.000Z"),
            ("2026-11-22 09:10:43Z", "2026-11-22T09:10:43.000Z"),
            ("2026-11-22T09:10:43.1Z", "2026-11-22T09:10:43.100Z"),
            ("2026-11-22T09:10:43.1239999Z", "2026-11-22T09:10:43.123Z"),
            ("2026-11-22T09:10:43+00:00", "2026-11-22T09:10:43.000Z"),
            ("2026-11-22T09:10:43-00:00", "2026-11-22T09:10:43.000Z"),
            ("2026-11-22T10:10:43+01:00", "2026-11-22T09:10:43.000Z"),
            ("2026-11-22T00:10:43+05:45", "2026-11-21T18:25:43.000Z"),
            ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z"), ("1969-07-20", "1969-07-20T00:00:00.000Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ])
    func otherWays(_ text: String, _ canonical: String) {
        #expect(Timestamp(text.utf8)?.text == Text(canonical))
    }

    @Test(
        "What is no moment is refused",
        arguments: [
            "", "2026", "2026-11", "2026-1-2", "2026-13-01", "2026-00-01", "2026-11-00", "2026-11-31", "2026-02-29",
            "2100-02-29",
            "1900-02-29", "2026-11-22T", "2026-11-22T09:10", "2026-11-22T09:10:43", "2026-11-22T24:00:00Z",
            "2026-11-22T09:60:00Z",
            "2026-11-22T09:10:61Z", "2026-11-22T09:10:43.Z", "2026-11-22T09:10:43,1Z", "2026-11-22T09:10:43+1:00",
            "2026-11-22T09:10:43+24:00", "2026-11-22T09:10:43+01:60", "2026-11-22T09:10:43+0100",
            "2026-11-22T09:10:43ZZ",
            "2026-11-22Z", " 2026-11-22", "2026-11-22 ", "+2026-11-22", "-001-11-22", "２０２６-11-22", "20261122",
            "yesterday",
            "2026-11-22T09:10:43.123Z\u{0}",
        ])
    func refused(_ text: String) {
        #expect(Timestamp(text.utf8) == nil)
        #expect(readCanonical(Array(text.utf8)) == nil)
    }

    @Test("Each day of 800 years follows the one before")
    func calendar() throws {
        let day: Int64 = 86_400_000
        var (year, month, date) = (1700, 1, 1)
        let start = try #require(Timestamp("1700-01-01".utf8)).milliseconds
        for number in 0..<Int64(800 * 365) {
            let time = Timestamp(milliseconds: start + number * day)
            let expected = [year, month, date].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "-")
            if time.text.utf8[..<10] != Array(expected.utf8)[...] || Timestamp(expected.utf8) != time {
                Issue.record("\(expected) is taken for \(time.text)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            date += 1
            if date > length { (month, date) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test(
        "The reader of canonical text takes a part of what the general one takes, and takes it for the same",
        arguments: 0..<8)
    func readersAgree(_ seed: UInt64) {
        var generator = Generator(seed: seed)
        for _ in 0..<500 {
            let time = Timestamp(milliseconds: Int64(generator.next() % 253_402_300_800_000))
            var text = time.text.utf8
            #expect(readCanonical(text) == time)
            text[generator.below(24)] = generator.pick(Array("0123456789-:.TZtz +\u{0}/".utf8))
            if let read = readCanonical(text) {
                #expect(Timestamp(text) == read)
            } else if Timestamp(text)?.text.utf8 == text {
                Issue.record("\(String(decoding: text, as: UTF8.self)) is canonical, but not taken for it")
            }
        }
    }

    @Test("Later moments are greater, and so is their text")
    func order() {
        let times = Self.known.map { Timestamp(milliseconds: $0.milliseconds) }.sorted()
        #expect(times.map(\.text) == times.map(\.text).sorted())
    }

    private func readCanonical(_ text: [UInt8]) -> Timestamp? {
        text.withUnsafeBufferPointer { Timestamp(canonical: $0) }
    }
}
