import Jansson

/// A moment in UTC with millisecond precision; on the wire and in files `2026-11-22T09:10:43.123Z` (RFC 3339).
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Since 1970-01-01T00:00:00Z.
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// Exactly 24 bytes.
    package var text: Text {
        let (days, rest) = Self.floorDivide(milliseconds, by: 86_400_000)
        let (year, month, day) = Self.civil(days: days)
        return Text(
            utf8: [UInt8](unsafeUninitializedCapacity: 24) { bytes, count in
                func put(_ value: Int64, _ range: Range<Int>, then mark: UInt8) {
                    var value = value
                    for index in range.reversed() {
                        bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
                        value /= 10
                    }
                    bytes[range.upperBound] = mark
                }
                put(year, 0..<4, then: UInt8(ascii: "-"))
                put(month, 5..<7, then: UInt8(ascii: "-"))
                put(day, 8..<10, then: UInt8(ascii: "T"))
                put(rest / 3_600_000, 11..<13, then: UInt8(ascii: ":"))
                put(rest / 60_000 % 60, 14..<16, then: UInt8(ascii: ":"))
                put(rest / 1000 % 60, 17..<19, then: UInt8(ascii: "."))
                put(rest % 1000, 20..<23, then: UInt8(ascii: "Z"))
                count = 24
            })
    }

    /// Reads RFC 3339 with any offset and fraction, or a bare date (its midnight in UTC); nil where it is neither, or
    /// names a day that the calendar does not have.
    package init?(_ text: some Sequence<UInt8>) {
        var reader = Reader(Array(text)[...])
        guard let year = reader.digits(4), reader.mark("-"), let month = reader.digits(2), reader.mark("-"),
            let day = reader.digits(2), (1...12).contains(month), day >= 1, day <= Self.daysIn(month: month, of: year)
        else { return nil }
        let midnight = Self.days(year: year, month: month, day: day) * 86_400_000
        if reader.rest.isEmpty {
            self.init(milliseconds: midnight)
            return
        }
        guard reader.mark("T") || reader.mark("t") || reader.mark(" "), let hour = reader.digits(2), reader.mark(":"),
            let minute = reader.digits(2), reader.mark(":"), let second = reader.digits(2), hour < 24, minute < 60,
            second <= 60, let thousandths = reader.fraction(), let offset = reader.offset(), reader.rest.isEmpty
        else { return nil }
        let time = ((hour * 60 + minute - offset) * 60 + second) * 1000 + thousandths
        // An offset may lead out of the years that four digits can write.
        guard Self.writable.contains(midnight + time) else { return nil }
        self.init(milliseconds: midnight + time)
    }

    /// From the year 0 to the year 9999.
    private static let writable =
        days(year: 0, month: 1, day: 1) * 86_400_000..<days(year: 10_000, month: 1, day: 1) * 86_400_000

    /// Reads what `text` writes, and nothing else, without allocating: for opening files of many events.
    package init?(canonical text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 24, text[4] == 0x2D, text[7] == 0x2D, text[10] == 0x54, text[13] == 0x3A,
            text[16] == 0x3A, text[19] == 0x2E, text[23] == 0x5A
        else { return nil }
        var valid = true
        func number(_ range: Range<Int>) -> Int64 {
            var value: Int64 = 0
            for index in range {
                let digit = text[index] &- 0x30
                valid = valid && digit < 10
                value = value &* 10 &+ Int64(digit)
            }
            return value
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        let thousandths = number(20..<23)
        guard valid, (1...12).contains(month), day >= 1, day <= Self.daysIn(month: month, of: year), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        let seconds = (hour * 60 + minute) * 60 + second
        milliseconds = Self.days(year: year, month: month, day: day) * 86_400_000 + seconds * 1000 + thousandths
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>
        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        mutating func mark(_ scalar: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: scalar) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func digits(_ count: Int) -> Int64? {
            guard rest.count >= count, rest.prefix(count).allSatisfy(Self.isDigit) else { return nil }
            defer { rest.removeFirst(count) }
            return rest.prefix(count).reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }

        /// Thousandths, cut and not rounded; 0 where no fraction is written.
        mutating func fraction() -> Int64? {
            guard mark(".") else { return 0 }
            let digits = rest.prefix(while: Self.isDigit)
            rest.removeFirst(digits.count)
            guard !digits.isEmpty else { return nil }
            return (0..<3).reduce(0) { value, index in
                value * 10 + (index < digits.count ? Int64(digits[digits.startIndex + index] - UInt8(ascii: "0")) : 0)
            }
        }

        /// Minutes east of UTC.
        mutating func offset() -> Int64? {
            if mark("Z") || mark("z") { return 0 }
            let sign: Int64 = mark("+") ? 1 : -1
            guard sign == 1 || mark("-"), let hours = digits(2), mark(":"), let minutes = digits(2), hours < 24,
                minutes < 60
            else { return nil }
            return sign * (hours * 60 + minutes)
        }

        static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    }

    // MARK: The calendar (proleptic Gregorian, in eras of 400 years that begin on a 1st of March)

    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = floorDivide(month <= 2 ? year - 1 : year, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func daysIn(month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
