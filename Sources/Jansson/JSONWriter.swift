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
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func key(named name: Text) {
        name.utf8.withUnsafeBufferPointer { key(named: $0) }
    }

    package mutating func key(named name: UnsafeBufferPointer<UInt8>) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Values

    package mutating func string(_ text: Text) {
        separate()
        text.utf8.withUnsafeBufferPointer { quote($0) }
        needsComma = true
    }

    package mutating func string(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { quote($0) }
        needsComma = true
    }

    package mutating func string(_ bytes: UnsafeBufferPointer<UInt8>) {
        separate()
        quote(bytes)
        needsComma = true
    }

    package mutating func integer(_ value: Int64) {
        separate()
        digits(of: value)
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

    // MARK: Raw access for those who splice many values at once

    /// Appends bytes that `fill` writes; what it makes must leave the text well-formed, ending behind a value.
    package mutating func appendValues<Failure: Error>(
        _ fill: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        let before = bytes.count
        try fill(&bytes)
        if bytes.count > before { needsComma = true }
    }

    /// Takes everything written since `count` back, which must have been a moment before a value or behind one.
    package mutating func truncate(to count: Int) {
        bytes.removeSubrange(count...)
        needsComma = bytes.last.map { !Self.opens($0) } ?? false
    }

    /// Forgets everything written, keeping the memory for what comes next.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
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
        byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "\n")
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

    private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var clean = 0  // everything before it is written
        for index in text.indices where text[index] < 0x20 || text[index] == 0x22 || text[index] == 0x5C {
            bytes.append(contentsOf: text[clean..<index])
            escape(text[index])
            clean = index + 1
        }
        bytes.append(contentsOf: text[clean...])
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

    private mutating func digits(of value: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value.magnitude
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: digits[start...])
        }
    }
}
