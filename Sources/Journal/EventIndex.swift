import Jansson

/// Where each line of a file stands and what it is: 16 bytes an event, and no contents.
package struct EventIndex: Sendable {
    package enum Kind: UInt8, Sendable {
        case user, assistant, system
        case turnEnded
        case other
        /// A line that is no event of this conversation.
        case damaged

        package var isMessage: Bool { rawValue <= Kind.system.rawValue }
    }

    private struct Entry {
        /// The offset in the upper 48 bits, then whether the line was checked, then its kind.
        var packed: UInt64
        /// Of the message's id, to find the message by it.
        var hash: UInt64

        init(offset: Int, kind: Kind, isChecked: Bool, hash: UInt64) {
            packed = UInt64(offset) << 16 | (isChecked ? 0x100 : 0) | UInt64(kind.rawValue)
            self.hash = hash
        }
    }

    private var entries: [Entry] = []
    /// Sequence numbers where they are not the line numbers: only in a damaged file.
    private var sequence: [Int]?

    package init() {}

    package var count: Int { entries.count }

    /// Bytes of memory, roughly.
    package var footprint: Int { entries.capacity * MemoryLayout<Entry>.stride }

    package func offset(_ line: Int) -> Int { Int(entries[line].packed >> 16) }

    package func kind(_ line: Int) -> Kind {
        Kind(rawValue: UInt8(truncatingIfNeeded: entries[line].packed)) ?? .damaged
    }

    /// Whether the line's bytes are known to be good to copy into an answer.
    package func isChecked(_ line: Int) -> Bool { entries[line].packed & 0x100 != 0 }

    package func seq(_ line: Int) -> Int { sequence?[line] ?? line }

    /// The first line whose event comes after `seq`.
    package func firstLine(after seq: Int) -> Int {
        guard let sequence else { return seq >= count ? count : max(0, seq + 1) }
        return sequence.firstIndex { $0 > seq } ?? count
    }

    package mutating func append(offset: Int, seq: Int, kind: Kind, isChecked: Bool, hash: UInt64 = 0) {
        if sequence == nil, seq != entries.count { sequence = Array(entries.indices) }
        sequence?.append(seq)
        entries.append(Entry(offset: offset, kind: kind, isChecked: isChecked, hash: hash))
    }

    package mutating func markChecked(_ line: Int) { entries[line].packed |= 0x100 }

    package mutating func markDamaged(_ line: Int) {
        entries[line].packed = entries[line].packed & ~0xFF | UInt64(Kind.damaged.rawValue)
    }
}
