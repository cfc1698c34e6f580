import ModelServers
import Testing

@Suite("When a request is sent again") struct RetryScheduleTests {
    @Test("Pauses double, and after the fifth try there is none")
    func doubling() {
        let schedule = RetrySchedule(firstPause: 0.5)
        #expect((1...6).map { schedule.pause(after: $0) } == [0.5, 1, 2, 4, nil, nil])
        #expect(RetrySchedule(firstPause: 0).pause(after: 4) == 0)
    }

    @Test("The server may ask for longer pauses, not for shorter ones, and for a minute at most")
    func asked() {
        let schedule = RetrySchedule(firstPause: 0.5)
        #expect(schedule.pause(after: 1, retryAfter: 7) == 7)
        #expect(schedule.pause(after: 3, retryAfter: 1) == 2)
        #expect(schedule.pause(after: 1, retryAfter: 3600) == 60)
        #expect(RetrySchedule(firstPause: 50).pause(after: 2) == 60)
        #expect(schedule.pause(after: 5, retryAfter: 1) == nil)
    }

    @Test("Which answers may be others another time")
    func passing() {
        #expect((100..<600).filter(RetrySchedule.isPassing) == [408, 429, 500, 502, 503, 504, 529])
    }

    @Test(
        "Retry-After in seconds or as a date",
        arguments: [
            ("120", 120), (" 7 ", 7), ("0", 0), ("0.5", 0.5), ("-1", nil), ("", nil), ("soon", nil), ("1e400", nil),
            ("nan", nil), ("99999999999999999999", 1e20),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 10), ("Sun, 06 Nov 1994 08:49:20 GMT", 0),
            ("Mon, 07 Nov 1994 08:49:27 GMT", 86_400), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37", nil), ("Sun, 06 Nov 1994 24:49:37 GMT", nil),
            ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("Sun, 66 Nov 1994 08:49:37 GMT", nil), ("Sun Nov  6 08:49:37 1994", nil),
        ] as [(String, Double?)])
    func header(_ text: String, _ seconds: Double?) {
        // Ten seconds before the standard's own example.
        #expect(RetrySchedule.seconds(of: text, now: 784_111_767) == seconds)
    }

    @Test(
        "Dates around leap days",
        arguments: [("28 Feb 2024", 0), ("29 Feb 2024", 1), ("01 Mar 2024", 2), ("01 Mar 2025", 367)])
    func leaping(_ date: String, _ days: Double) {
        // 28 February 2024.
        #expect(RetrySchedule.seconds(of: "Day, \(date) 00:00:00 GMT", now: 1_709_078_400) == days * 86_400)
    }
}
