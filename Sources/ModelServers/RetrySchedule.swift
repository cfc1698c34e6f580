/// When a request that failed is sent again.
package struct RetrySchedule: Sendable {
    package static let usualPause = 0.5
    /// How often a request is sent at most.
    package static let tries = 5
    /// Seconds that a pause takes at most, whatever the server asks for.
    package static let longestPause = 60.0

    private let firstPause: Double

    /// - Parameter firstPause: in seconds; each later one is twice as long as the one before.
    package init(firstPause: Double) { self.firstPause = firstPause }

    /// Seconds to wait before the next try; nil where there is none.
    ///
    /// - Parameters:
    ///   - failures: tries that have failed, from 1.
    ///   - retryAfter: seconds that the server asked for.
    package func pause(after failures: Int, retryAfter: Double? = nil) -> Double? {
        if failures >= Self.tries { return nil }
        let doubled = firstPause * Double(1 << (max(1, failures) - 1))
        return min(Self.longestPause, max(doubled, retryAfter ?? 0))
    }

    /// Whether a request that was answered with this status may do better another time.
    package static func isPassing(_ status: Int) -> Bool { [408, 429, 500, 502, 503, 504, 529].contains(status) }

    /// Seconds that a `Retry-After` header asks to wait (RFC 9110, section 10.2.3); nil where it can't be read.
    ///
    /// - Parameter now: seconds since 1970.
    package static func seconds(of header: String, now: Int) -> Double? {
        let text = header.split(separator: " ", omittingEmptySubsequences: true)
        if text.count == 1, let seconds = Double(text[0]), seconds >= 0, seconds.isFinite { return seconds }
        return httpDate(text).map { Double(max(0, $0 - now)) }
    }

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that may still be sent.
    private static func httpDate(_ words: [Substring]) -> Int? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let day = number(words[1], 1...31),
            let month = months.firstIndex(where: { $0 == words[2] }), let year = number(words[3], 1970...9999)
        else { return nil }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let hour = number(time[0], 0...23), let minute = number(time[1], 0...59),
            let second = number(time[2], 0...60)
        else { return nil }
        return ((daysSince1970(year, month + 1, day) * 24 + hour) * 60 + minute) * 60 + second
    }

    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else { return nil }
        return range.contains(value) ? value : nil
    }

    /// Of the Gregorian calendar, counted with years that begin in March, so that a leap day is a year's last.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let monthsSinceMarch = (month + 9) % 12
        let dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
