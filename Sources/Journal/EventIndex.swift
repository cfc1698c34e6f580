import Jansson

/// Where each line of a file stands and what it is: 8 bytes an event, and no contents.
package struct EventIndex: Sendable {
    package enum Kind: UInt8, Sendable {
        case user, assistant, system
        case turnEnded
        case other
        /// A line that is no event of this conversation.
        case damaged

        package var isMessage: Bool { rawValue <= Kind.system.rawValue }
    }

    /// Of each line the offset in the upper 48 bits, then whether it was checked, then its kind.
    private var entries: [UInt64] = []
    /// Sequence numbers where they are not the line numbers: only in a damaged file.
    private var sequence: [Int]?

    package init() {}

    package var count: Int { entries.count }

    /// Bytes of memory, roughly.
    package var footprint: Int { entries.capacity * MemoryLayout<UInt64>.stride }

    package func offset(_ line: Int) -> Int { Int(entries[line] >> 16) }

    package func kind(_ line: Int) -> Kind {
        Kind(rawValue: UInt8(truncatingIfNeeded: entries[line])) ?? .damaged
    }

    /// Whether the line's bytes are known to be good to copy into an answer.
    package func isChecked(_ line: Int) -> Bool { entries[line] & 0x100 != 0 }

    package func seq(_ line: Int) -> Int { sequence?[line] ?? line }

    /// The first line whose event comes after `seq`.
    package func firstLine(after seq: Int) -> Int {
        guard let sequence else { return seq >= count ? count : max(0, seq + 1) }
        return sequence.firstIndex { $0 > seq } ?? count
    }

    package mutating func append(offset: Int, seq: Int, kind: Kind, isChecked: Bool) {
        if sequence == nil, seq != entries.count { sequence = Array(entries.indices) }
        sequence?.append(seq)
        entries.append(UInt64(offset) << 16 | (isChecked ? 0x100 : 0) | UInt64(kind.rawValue))
    }

    package mutating func markChecked(_ line: Int) { entries[line] |= 0x100 }

    package mutating func markDamaged(_ line: Int) {
        entries[line] = entries[line] & ~0xFF | UInt64(Kind.damaged.rawValue)
    }
}
