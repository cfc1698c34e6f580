import CLinux
import Glibc
import Jansson

/// Walks along a line that is as Parley writes it. Where it is not, what takes a part of it answers nil or false.
struct LineCursor {
    private var position: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    init?(_ line: UnsafeRawBufferPointer) {
        guard let start = line.baseAddress else { return nil }
        position = start.assumingMemoryBound(to: UInt8.self)
        end = position + line.count
    }

    var isAtEnd: Bool { position == end }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard end - position >= count, memcmp(position, text.utf8Start, count) == 0 else { return false }
        position += count
        return true
    }

    func restHolds(_ part: StaticString) -> Bool {
        linux_find(position, end - position, part.utf8Start, part.utf8CodeUnitCount) != nil
    }

    /// Goes behind the next place where that stands; false where it is nowhere.
    mutating func skip(to part: StaticString) -> Bool {
        guard let found = linux_find(position, end - position, part.utf8Start, part.utf8CodeUnitCount) else {
            return false
        }
        position = found.assumingMemoryBound(to: UInt8.self) + part.utf8CodeUnitCount
        return true
    }

    /// Goes behind a value as JSON has it; false where it is none, or nests deeper than what Parley writes here.
    mutating func skipValue() -> Bool {
        var depth = 0
        repeat {
            guard position < end else { return false }
            switch position.pointee {
            case UInt8(ascii: "\""):
                position += 1
                while position < end, position.pointee != UInt8(ascii: "\"") {
                    position += position.pointee == UInt8(ascii: "\\") ? 2 : 1
                }
                guard position < end else { return false }
                position += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { return false }
                position += 1
            default:
                while position < end, !Self.endsPlainValue(position.pointee) { position += 1 }
            }
        } while depth > 0
        return depth == 0
    }

    private static func endsPlainValue(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "["), UInt8(ascii: "\""):
            true
        default: false
        }
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
