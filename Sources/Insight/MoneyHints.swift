import Jansson

/// Tells at a glance that a text holds numbers but no amount of money, as most do that hold numbers: nothing that could
/// make one stands beside any of them. It looks at two bytes on either side and may be wrong the other way only.
struct MoneyHints: Sendable {
    private var before = PairSet()
    private var after = PairSet()

    /// - Parameters:
    ///   - before: names that may stand before a number.
    ///   - after: names that may stand behind one.
    init(before: [Text], after: [Text]) {
        for name in before { self.before.insert(name.utf8.dropLast().last, name.utf8.last) }
        for name in after { self.after.insert(name.utf8.first, name.utf8.dropFirst().first) }
    }

    func mayHoldMoney(_ text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { text in
            var place = 0
            while place < text.count {
                if !Self.isDigit(text[place]) {
                    place &+= 1
                    continue
                }
                let start = place
                while place < text.count, Self.isDigit(text[place]) { place &+= 1 }
                if isHint(text, before: start) || isHint(text, after: place) { return true }
            }
            return false
        }
    }

    private func isHint(_ text: UnsafeBufferPointer<UInt8>, before start: Int) -> Bool {
        let end = start > 0 && text[start - 1] == 0x20 ? start - 1 : start
        if end == 0 { return false }
        return before.contains(end > 1 ? text[end - 2] : 0, text[end - 1])
    }

    private func isHint(_ text: UnsafeBufferPointer<UInt8>, after end: Int) -> Bool {
        let start = end < text.count && text[end] == 0x20 ? end + 1 : end
        if start == text.count { return false }
        return after.contains(text[start], start + 1 < text.count ? text[start + 1] : 0)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}

/// Pairs of bytes, letters of ASCII in either case. One beyond ASCII is in every pair: what it begins is not looked at.
private struct PairSet: Sendable {
    private var bits = [UInt64](repeating: 0, count: 1024)

    /// A name of one byte goes with any other beside it.
    mutating func insert(_ first: UInt8?, _ second: UInt8?) {
        for left in Self.bytes(first) {
            for right in Self.bytes(second) { bits[Int(left) << 2 | Int(right) >> 6] |= 1 << UInt64(right & 63) }
        }
    }

    private static func bytes(_ byte: UInt8?) -> [UInt8] {
        guard let byte else { return Array(0...255) }
        return (byte | 0x20) &- 0x61 < 26 ? [byte | 0x20, byte & ~0x20] : [byte]
    }

    func contains(_ left: UInt8, _ right: UInt8) -> Bool {
        if (left | right) >= 0x80 { return true }
        return bits[Int(left) << 2 | Int(right) >> 6] & 1 << UInt64(right & 63) != 0
    }
}
