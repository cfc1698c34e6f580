import Conversations
import Glibc
import Jansson

/// A line of a conversation's file that is no event of it.
package struct Damage: Equatable, Sendable {
    /// Counted from 1, as editors do.
    package let line: Int
    /// In bytes, of the line's beginning.
    package let offset: Int
    /// A clause for people.
    package let reason: String
}

/// What is known of a conversation's file: the fold over its events and where each stands.
package struct LogContents: Sendable {
    /// Nil until the first event was read.
    package private(set) var conversation: Conversation?
    package private(set) var index = EventIndex()
    /// How often messages were superseded.
    package private(set) var supersessions = 0
    /// Bytes that `index` covers; always behind a line end.
    package private(set) var size = 0
    /// Bad lines that are followed by a good event.
    package private(set) var damage: [Damage] = []

    /// Bad lines at the end so far: a torn tail if nothing good follows.
    private var badTail: [(damage: Damage, length: Int)] = []
    /// An event whose seq jumps ahead. What follows tells whether events are missing before it or its seq is wrong.
    private var doubtful: (event: RecordedEvent, offset: Int, length: Int)?

    /// The last line of insight, as long as what it tells is not needed.
    private var untold: [UInt8] = []

    /// Whose file it must be; nil for any.
    private let id: Text?
    /// Whether each line is parsed whole, rather than only what the fold needs of it.
    private let looksAtAll: Bool

    package init(of id: Text? = nil, lookingAtAll looksAtAll: Bool = false) {
        self.id = id
        self.looksAtAll = looksAtAll
    }

    package var footprint: Int { 1024 + index.footprint }

    /// What stands behind the last good line.
    package enum Tail: Equatable, Sendable {
        case clean
        /// A whole event with the next seq that lacks only its line end.
        case unterminated
        /// Bytes from `size` on that are no event: what a killed writer or a crash left.
        case torn(reason: String)
    }

    // MARK: Reading a file

    /// Reads the lines of `descriptor` from `size` on, up to the byte `limit`, and tells what is left behind them.
    package mutating func read(
        _ descriptor: Int32, upTo limit: Int = .max, shown path: String
    ) throws(StoreError) -> Tail {
        badTail = []
        doubtful = nil
        let rest = try readLines(of: descriptor, from: size, upTo: limit, shown: path) { line, offset in
            take(line: line, at: offset)
        }
        return tail(unterminated: rest[...])
    }

    private mutating func tail(unterminated rest: ArraySlice<UInt8>) -> Tail {
        tellInsight()
        if let event = doubtful { acceptGap(event.event, at: event.offset, length: event.length) }
        if rest.isEmpty { return badTail.first.map { .torn(reason: $0.damage.reason) } ?? .clean }
        if badTail.isEmpty, let json = try? JSON.parse(rest), let event = try? RecordedEvent(json),
            event.seq == nextSeq
        {
            return .unterminated
        }
        return .torn(reason: badTail.first?.damage.reason ?? "it breaks off")
    }

    // MARK: Lines

    private var nextSeq: Int { (conversation?.seq ?? -1) + 1 }

    private mutating func take(line: UnsafeRawBufferPointer, at offset: Int) {
        if !looksAtAll, badTail.isEmpty, doubtful == nil, let message = CanonicalMessage(line), message.seq == nextSeq,
            let wants = conversation?.wantsFirstLine, !wants || message.role != .user
        {
            conversation?.apply(
                message.role, id: { Text(message.id) }, turnId: { message.turnId.map { Text($0) } },
                seq: message.seq, at: message.time)
            if let key = message.idempotencyKey { index.note(key: EventIndex.hash(key), line: index.count) }
            index.append(
                offset: offset, seq: message.seq, kind: .message(message.role), message: EventIndex.hash(message.id),
                isChecked: false)
            size = offset + line.count + 1
            return
        }
        if !looksAtAll, badTail.isEmpty, doubtful == nil, conversation != nil, let insight = CanonicalInsight(line),
            insight.seq == nextSeq
        {
            untold.replaceSubrange(0..., with: line)
            conversation?.apply(insight: insight.seq, at: insight.time)
            index.append(offset: offset, seq: insight.seq, kind: .insight, isChecked: false)
            size = offset + line.count + 1
            return
        }
        do throws(EventFault) {
            try take(parsed: try Self.parse(line), at: offset, length: line.count + 1)
        } catch {
            if let event = doubtful { acceptGap(event.event, at: event.offset, length: event.length) }
            noteBad(at: offset, length: line.count + 1, error.reason)
        }
    }

    /// Applies the last insight, where something follows that must find it applied.
    private mutating func tellInsight() {
        if untold.isEmpty { return }
        // A bad line tells nothing: who reads it finds that out.
        if let json = try? JSON.parse(untold), case .insight(let insight)? = try? RecordedEvent(json).event {
            conversation?.tell(insight)
        }
        untold.removeAll(keepingCapacity: true)
    }

    private mutating func noteBad(at offset: Int, length: Int, _ reason: String) {
        badTail.append((Damage(line: index.count + badTail.count + 1, offset: offset, reason: reason), length))
    }

    private static func parse(_ line: UnsafeRawBufferPointer) throws(EventFault) -> RecordedEvent {
        let json: JSON
        do throws(JSONSyntaxError) {
            json = try JSON.parse(line)
        } catch {
            throw EventFault("it is not JSON: \(error.reason)")
        }
        return try RecordedEvent(json)
    }

    private mutating func take(parsed recorded: RecordedEvent, at offset: Int, length: Int) throws(EventFault) {
        guard conversation != nil else {
            guard case .started(let started) = recorded.event else {
                throw EventFault("the first event is not `started`")
            }
            let expected = badTail.count
            var fault = recorded.seq == expected ? nil : "its seq is \(recorded.seq) where \(expected) should stand"
            if let id, started.id != id { fault = "it is of the conversation `\(started.id)`, not of `\(id)`" }
            accept(recorded, at: offset, length: length, fault: fault)
            return
        }
        if let event = doubtful {
            doubtful = nil
            let expected = nextSeq + badTail.count
            if recorded.seq == expected + 1 {
                noteBad(at: event.offset, length: event.length, "its seq is \(event.event.seq) instead of \(expected)")
            } else {
                acceptGap(event.event, at: event.offset, length: event.length)
            }
        }
        if recorded.seq < nextSeq { throw EventFault("its seq is \(recorded.seq), which an earlier line has") }
        if recorded.seq > nextSeq + badTail.count {
            doubtful = (recorded, offset, length)
        } else {
            accept(recorded, at: offset, length: length)
        }
    }

    /// Takes an event though there are none with the numbers before its own.
    private mutating func acceptGap(_ recorded: RecordedEvent, at offset: Int, length: Int) {
        doubtful = nil
        let fault = "its seq is \(recorded.seq) where \(nextSeq + badTail.count) should follow"
        accept(recorded, at: offset, length: length, fault: fault)
    }

    /// - Parameter fault: what is damaged at this line, though the event is good.
    private mutating func accept(_ recorded: RecordedEvent, at offset: Int, length: Int, fault: String? = nil) {
        for (bad, _) in badTail {
            damage.append(bad)
            index.append(offset: bad.offset, seq: min(index.count, recorded.seq), kind: .damaged, isChecked: false)
        }
        badTail = []
        if let fault { damage.append(Damage(line: index.count + 1, offset: offset, reason: fault)) }
        fold(recorded, at: offset)
        size = offset + length
    }

    private mutating func fold(_ recorded: RecordedEvent, at offset: Int) {
        if !untold.isEmpty, recorded.event.looksAtContext { tellInsight() }
        switch recorded.event {
        case .started(var started) where conversation == nil:
            started.id = id ?? started.id
            conversation = Conversation(started, seq: recorded.seq, at: recorded.time)
        case .superseded(let fromSeq):
            supersessions += 1
            conversation?.apply(recorded, superseded: index.supersede(from: fromSeq))
        case .message(let message):
            if let key = message.idempotencyKey { index.note(key: EventIndex.hash(key.utf8), line: index.count) }
            conversation?.apply(message, seq: recorded.seq, at: recorded.time)
            index.append(
                offset: offset, seq: recorded.seq, kind: .message(message.role),
                message: EventIndex.hash(message.id.utf8), isChecked: true)
            return
        default: conversation?.apply(recorded)
        }
        index.append(
            offset: offset, seq: recorded.seq, kind: recorded.event.indexKind,
            message: recorded.event.messageId.map { EventIndex.hash($0.utf8) } ?? 0, isChecked: true)
    }

    /// Takes an event that was made here and will be written behind `size`.
    mutating func append(_ recorded: RecordedEvent, length: Int) {
        fold(recorded, at: size)
        size += length
    }

    // MARK: What reading a line later finds

    mutating func markChecked(_ line: Int) { index.markChecked(line) }

    /// A line that looked like a message by its beginning turned out to be bad.
    mutating func markDamaged(_ line: Int) {
        index.markDamaged(line)
        damage.append(Damage(line: line + 1, offset: index.offset(line), reason: "it is not JSON"))
    }
}

extension EventIndex.Kind {
    fileprivate static func message(_ role: Role) -> EventIndex.Kind {
        switch role {
        case .user: .user
        case .assistant: .assistant
        case .system: .system
        }
    }
}

extension Event {
    fileprivate var indexKind: EventIndex.Kind {
        switch self {
        case .turnEnded: .turnEnded
        case .turnStarted: .turnStarted
        // What plugins tell later has no checkpoint, and nothing is gone on from it.
        case .insight(let insight): insight.checkpoint == nil ? .other : .insight
        default: .other
        }
    }

    /// Whether it makes a difference what the context is before it.
    fileprivate var looksAtContext: Bool {
        switch self {
        case .message(let message): !message.toolsUsed.isEmpty
        case .turnEnded, .turnStarted, .superseded: false
        default: true
        }
    }

    /// The message whose turn it is about.
    fileprivate var messageId: Text? {
        switch self {
        case .turnEnded(let end): end.messageId
        case .turnStarted(let start): start.messageId
        default: nil
        }
    }
}
