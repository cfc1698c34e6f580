import Jansson

/// Where each line of a file stands and what it is: 12 bytes an event, and no contents.
package struct EventIndex: Sendable {
    package enum Kind: UInt8, Sendable {
        case user, assistant, system
        case turnEnded, turnStarted, insight
        case other
        /// A line that is no event of this conversation.
        case damaged

        package var isMessage: Bool { rawValue <= Kind.system.rawValue }
    }

    /// What is known of one line.
    package struct Entry: Sendable {
        /// The offset in the upper 48 bits, then whether it was superseded, whether it was checked, and its kind.
        fileprivate var bits: UInt64

        package var offset: Int { Int(bits >> 16) }
        package var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: bits)) ?? .damaged }
        /// Whether the line's bytes are known to be good to copy into an answer.
        package var isChecked: Bool { bits & Self.checked != 0 }
        /// Whether a later event took it out of the history.
        package var isSuperseded: Bool { bits & Self.superseded != 0 }
        /// Whether it is a message that history shows.
        package var isInHistory: Bool { kind.isMessage && !isSuperseded }

        fileprivate static let checked: UInt64 = 0x100
        fileprivate static let superseded: UInt64 = 0x200
    }

    private var entries: [Entry] = []
    /// Of each message the hash of its id, of the start or end of a turn that of its message's id.
    private var messages: [UInt32] = []
    /// Of each idempotency key's hash the line of the first message that has it; further ones stand apart.
    private var keys: [UInt32: UInt32] = [:]
    private var furtherKeys: [(hash: UInt32, line: UInt32)] = []
    /// Sequence numbers where they are not the line numbers: only in a damaged file.
    private var sequence: [Int]?

    package init() {}

    package var count: Int { entries.count }

    /// Bytes of memory, roughly.
    package var footprint: Int {
        entries.capacity * MemoryLayout<Entry>.stride + messages.capacity * MemoryLayout<UInt32>.stride
            + keys.capacity * 12 + furtherKeys.capacity * 8 + (sequence?.capacity ?? 0) * MemoryLayout<Int>.stride
    }

    package subscript(line: Int) -> Entry { entries[line] }

    package func offset(_ line: Int) -> Int { entries[line].offset }

    package func seq(_ line: Int) -> Int { sequence?[line] ?? line }

    /// The first line whose event comes after `seq`.
    package func firstLine(after seq: Int) -> Int {
        guard let sequence else { return seq >= count ? count : max(0, seq + 1) }
        return sequence.firstIndex { $0 > seq } ?? count
    }

    package mutating func append(offset: Int, seq: Int, kind: Kind, message: UInt32 = 0, isChecked: Bool) {
        if sequence == nil, seq != entries.count { sequence = Array(entries.indices) }
        sequence?.append(seq)
        entries.append(Entry(bits: UInt64(offset) << 16 | (isChecked ? Entry.checked : 0) | UInt64(kind.rawValue)))
        messages.append(message)
    }

    package mutating func markChecked(_ line: Int) { entries[line].bits |= Entry.checked }

    package mutating func markDamaged(_ line: Int) {
        entries[line].bits = entries[line].bits & ~0xFF | UInt64(Kind.damaged.rawValue)
    }

    /// Takes everything from `seq` on out of the history, and tells how many messages that were there.
    package mutating func supersede(from seq: Int) -> Int {
        var count = 0
        for line in firstLine(after: seq - 1)..<max(entries.count, firstLine(after: seq - 1)) {
            if entries[line].isInHistory { count += 1 }
            entries[line].bits |= Entry.superseded
        }
        return count
    }

    // MARK: Finding by id

    /// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). Who finds a line by it compares the line itself.
    package static func hash(_ id: some Collection<UInt8>) -> UInt32 {
        id.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    /// Lines in `range` of messages that may have this id, and of starts and ends of turns on them; newest first.
    package func lines(about id: Text, in range: Range<Int>) -> [Int] {
        let wanted = Self.hash(id.utf8)
        return range.clamped(to: 0..<count).reversed().filter { messages[$0] == wanted }
    }

    package mutating func note(key hash: UInt32, line: Int) {
        guard let line = UInt32(exactly: line) else { return }
        if keys[hash] == nil { keys[hash] = line } else { furtherKeys.append((hash, line)) }
    }

    /// Lines of messages that may have been sent with this idempotency key, newest first.
    package func lines(withKey key: Text) -> [Int] {
        if keys.isEmpty { return [] }
        let wanted = Self.hash(key.utf8)
        guard let first = keys[wanted] else { return [] }
        return furtherKeys.reversed().filter { $0.hash == wanted }.map { Int($0.line) } + [Int(first)]
    }
}
