import CLinux
import Glibc
import Jansson

/// The beginning of a message's line in the order that Parley writes it, read without parsing the line.
///
/// `{"seq":7,"type":"message","id":"…","role":"user","turnId":"…","timestamp":"…","content":"…` is what a file mostly
/// consists of; a line of any other shape makes `init?` return nil and is parsed whole instead. Ids with escapes too.
package struct CanonicalMessage {
    package let seq: Int
    package let role: Role
    package let time: Timestamp
    package let id: UnsafeBufferPointer<UInt8>
    package let turnId: UnsafeBufferPointer<UInt8>?
    package let idempotencyKey: UnsafeBufferPointer<UInt8>?

    /// `line` must outlive this value, which points into it.
    package init?(_ line: UnsafeRawBufferPointer) {
        guard var cursor = Cursor(line), cursor.take("{\"seq\":"), let seq = cursor.digits(),
            cursor.take(",\"type\":\"message\",\"id\":\""),
            let id = cursor.plainString(), cursor.take(",\"role\":\""), let role = cursor.role()
        else { return nil }
        var turnId: UnsafeBufferPointer<UInt8>?
        if cursor.take(",\"turnId\":\"") {
            guard let text = cursor.plainString() else { return nil }
            turnId = text
        }
        var idempotencyKey: UnsafeBufferPointer<UInt8>?
        if cursor.take(",\"idempotencyKey\":\"") {
            guard let text = cursor.plainString() else { return nil }
            idempotencyKey = text
        }
        guard cursor.take(",\"timestamp\":\""), let time = cursor.timestamp(), cursor.take(",\"content\":\""),
            line.last == UInt8(ascii: "}")
        else { return nil }
        // What the fold needs besides may stand behind the content: a reply's usage, a turn or a key named by other hands.
        if role == .assistant, cursor.restHolds("\"usage\":") { return nil }
        if turnId == nil, cursor.restHolds("\"turnId\":") { return nil }
        if idempotencyKey == nil, role == .user, cursor.restHolds("\"idempotencyKey\":") { return nil }
        self.seq = seq
        self.role = role
        self.time = time
        self.id = id
        self.turnId = turnId
        self.idempotencyKey = idempotencyKey
    }

    private struct Cursor {
        private var position: UnsafePointer<UInt8>
        private let end: UnsafePointer<UInt8>

        init?(_ line: UnsafeRawBufferPointer) {
            guard let start = line.baseAddress else { return nil }
            position = start.assumingMemoryBound(to: UInt8.self)
            end = position + line.count
        }

        mutating func take(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard end - position >= count, memcmp(position, text.utf8Start, count) == 0 else { return false }
            position += count
            return true
        }

        func restHolds(_ part: StaticString) -> Bool {
            linux_contains(position, end - position, part.utf8Start, part.utf8CodeUnitCount) != 0
        }

        /// A number without leading zeros, at most 15 digits.
        mutating func digits() -> Int? {
            let start = position
            var value = 0
            while position < end, position - start < 16, case 0x30...0x39 = position.pointee {
                value = value * 10 + Int(position.pointee - 0x30)
                position += 1
            }
            let count = position - start
            return count == 0 || count > 15 || (count > 1 && start.pointee == 0x30) ? nil : value
        }

        /// Up to the closing quote: printable ASCII without an escape.
        mutating func plainString() -> UnsafeBufferPointer<UInt8>? {
            let start = position
            while position < end, position.pointee >= 0x20, position.pointee < 0x7F {
                if position.pointee == 0x22 {
                    defer { position += 1 }
                    return UnsafeBufferPointer(start: start, count: position - start)
                }
                if position.pointee == 0x5C { return nil }
                position += 1
            }
            return nil
        }

        mutating func role() -> Role? {
            if take("user\"") { return .user }
            if take("assistant\"") { return .assistant }
            return take("system\"") ? .system : nil
        }

        mutating func timestamp() -> Timestamp? {
            plainString().flatMap { Timestamp(canonical: $0) }
        }
    }
}
