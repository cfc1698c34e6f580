/// Writes JSON text: compact, members in the order they are given, control characters escaped, everything else as it is.
///
/// libjansson's own dumper is not used: how it prints reals depends on the installed version (2.14 prints 0.1 as
/// 0.10000000000000001), and what Parley writes is compared byte for byte and kept for years.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() {}

    package var count: Int { bytes.count }

    package mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

    // MARK: Structure

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// The name of the member whose value is written next. It must need no escaping.
    package mutating func key(_ name: StaticString) {
        put(upTo: name.utf8CodeUnitCount + 3) { space in
            space.append(UInt8(ascii: "\""))
            space.append(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            space.append(UInt8(ascii: "\""))
            space.append(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    /// Text as it is: what stands between two values where the form of a line is fixed.
    package mutating func verbatim(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
        needsComma = false
    }

    package mutating func key(named name: Text) {
        name.utf8.withUnsafeBufferPointer { key(named: $0) }
    }

    package mutating func key(named name: UnsafeBufferPointer<UInt8>) {
        if Self.firstToEscape(in: name, from: 0) == name.count {
            put(upTo: name.count + 3) { space in
                space.append(UInt8(ascii: "\""))
                space.append(name)
                space.append(UInt8(ascii: "\""))
                space.append(UInt8(ascii: ":"))
            }
        } else {
            string(name)
            bytes.append(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    // MARK: Values

    package mutating func string(_ text: Text) {
        text.utf8.withUnsafeBufferPointer { string($0) }
    }

    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string($0) }
    }

    package mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        if Self.firstToEscape(in: text, from: 0) == text.count {
            put(upTo: text.count + 2) { space in
                space.append(UInt8(ascii: "\""))
                space.append(text)
                space.append(UInt8(ascii: "\""))
            }
        } else {
            separate()
            quote(text)
        }
        needsComma = true
    }

    package mutating func integer(_ value: Int64) {
        put(upTo: 20) { $0.append(value) }
        needsComma = true
    }

    package mutating func integer(_ value: Int) { integer(Int64(value)) }

    /// The shortest text that reads back as the same double: 0.1, 100.0, 1e+22, -0.0. `value` is finite, as every
    /// parsed one is.
    package mutating func real(_ value: Double) {
        separate()
        bytes.append(contentsOf: value.description.utf8)
        needsComma = true
    }

    package mutating func boolean(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
        needsComma = true
    }

    package mutating func null() {
        separate()
        append("null")
        needsComma = true
    }

    package mutating func value(_ fragment: JSONFragment) { value(spliced: fragment.bytes[...]) }

    /// Bytes that already are one JSON value without a line end.
    package mutating func value(spliced text: ArraySlice<UInt8>) {
        separate()
        bytes.append(contentsOf: text)
        needsComma = true
    }

    /// Ends the line. The writer then stands at the beginning of the next one.
    package mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// As `value(spliced:)` for values that `fill` puts into the space of `count` bytes that it is given, with commas
    /// between them; it returns how many bytes it used, 0 for no value. After a throw the text must be truncated.
    package mutating func splice<Failure: Error>(
        _ count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        separate()
        var used = 0
        try bytes.append(addingCapacity: count) { span throws(Failure) in
            try span.withUnsafeMutableBufferPointer { (space, filled) throws(Failure) in
                used = try fill(UnsafeMutableRawBufferPointer(space))
                filled = used
            }
        }
        if used > 0 {
            needsComma = true
        } else if needsComma {
            bytes.removeLast()
        }
    }

    /// Takes everything written since `count` back, which must have been a moment before a value or behind one.
    package mutating func truncate(to count: Int) {
        bytes.removeSubrange(count...)
        needsComma = bytes.last.map { !Self.opens($0) } ?? false
    }

    /// Forgets everything written; its memory is kept for what comes next where that is at most `bound` bytes.
    package mutating func removeAll(keeping bound: Int) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= bound)
        needsComma = false
    }

    /// What was written so far, leaving the writer empty.
    package mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        needsComma = false
        return taken
    }

    // MARK: Parts

    private static func opens(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: ":")
            || byte == UInt8(ascii: "\n")
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Room at the end of `bytes` that is filled without asking for more each time.
    private struct Space {
        var end: UnsafeMutablePointer<UInt8>

        mutating func append(_ byte: UInt8) {
            end.pointee = byte
            end += 1
        }

        mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
            guard let start = text.baseAddress else { return }
            end.update(from: start, count: text.count)
            end += text.count
        }

        /// In decimal, at most 20 bytes.
        mutating func append(_ value: Int64) {
            if value < 0 { append(UInt8(ascii: "-")) }
            var rest = value.magnitude
            var length = 1
            var power: UInt64 = 10
            while length < 19, rest >= power {
                length += 1
                power &*= 10
            }
            for place in stride(from: length - 1, through: 0, by: -1) {
                end[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            end += length
        }
    }

    /// Separates and then puts at most `count` bytes.
    private mutating func put(upTo count: Int, _ fill: (inout Space) -> Void) {
        let comma = needsComma
        bytes.append(addingCapacity: count + 1) { span in
            span.withUnsafeMutableBufferPointer { buffer, filled in
                guard let start = buffer.baseAddress else { return }
                var space = Space(end: start)
                if comma { space.append(UInt8(ascii: ",")) }
                fill(&space)
                filled = space.end - start
            }
        }
    }

    /// The index of the first byte that can't stand in a string as it is: a control, a quote or a backslash.
    private static func firstToEscape(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = text.baseAddress else { return 0 }
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        // Eight bytes at a time: a byte's highest bit is set in the sum of the three where it must be escaped.
        while index + 8 <= text.count {
            let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found =
                ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            if found & (ones &* 0x80) != 0 { break }
            index += 8
        }
        while index < text.count, base[index] >= 0x20, base[index] != 0x22, base[index] != 0x5C { index += 1 }
        return index
    }

    private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var clean = 0  // everything before it is written
        while true {
            let next = Self.firstToEscape(in: text, from: clean)
            bytes.append(contentsOf: text[clean..<next])
            if next == text.count { break }
            escape(text[next])
            clean = next + 1
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x08: append("\\b")
        case 0x0C: append("\\f")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            let hexadecimal = Array("0123456789abcdef".utf8)
            append("\\u00")
            bytes.append(hexadecimal[Int(byte >> 4)])
            bytes.append(hexadecimal[Int(byte & 15)])
        }
    }
}
