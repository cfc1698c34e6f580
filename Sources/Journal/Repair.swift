import CLinux
import Conversations
import Glibc
import Jansson

/// Makes a damaged file whole again. Every good event is kept, in its order, with the seq that its line has now; the
/// original stays beside it.
package struct Repair: Sendable {
    /// Where the original is.
    package let original: String
    /// Events of it that the file has now.
    package let kept: Int
    /// Whether its first event was lost, and another stands there.
    package let isBegunAnew: Bool
    /// Lines that were no events.
    package let dropped: Int

    /// What a conversation begins with whose first event is lost.
    package struct Owner: Sendable {
        package let userId: Text
        package let agentId: Text

        package init(userId: Text, agentId: Text) {
            self.userId = userId
            self.agentId = agentId
        }
    }

    /// - Returns: nil where the file is good already.
    /// - Throws: `notFound`, `newerFormat` where only a newer version knows what is right, `failed`.
    package static func run(
        _ id: Text, in directory: StoreDirectory, owner: Owner, at time: Timestamp
    ) throws(StoreError) -> Repair? {
        guard Identifier.isConversationID(id) else { throw .notFound }
        let shown = directory.shown(id)
        let descriptor = linux_open_at(
            directory.conversations, StoreDirectory.fileName(id), O_RDWR | O_NOFOLLOW, 0)
        if descriptor < 0, errno == ENOENT { throw .notFound }
        let file = OpenFile(try check("opening \(shown)") { descriptor })
        // Held until the repaired file has its name; whoever waits finds then that this one was replaced.
        try check("locking \(shown), which another process holds") { flock(file.descriptor, LOCK_EX | LOCK_NB) }
        let found = try Verification(of: file, id, shown: shown)
        if found.damaged.isEmpty, found.torn == nil { return nil }
        var lines = RepairedLines(id)
        let rest = try readLines(of: file.descriptor, from: 0, shown: shown) { line, _ in lines.take(line) }
        if !rest.isEmpty { rest.withUnsafeBytes { lines.take($0) } }
        if let format = lines.newerFormat { throw .newerFormat(format) }
        let text = lines.text(owner: owner, at: time)
        return Repair(
            original: try directory.replace(id, with: text, at: time), kept: lines.kept, isBegunAnew: lines.isBegunAnew,
            dropped: lines.dropped)
    }
}

/// The good events of a damaged file, counted anew.
private struct RepairedLines {
    let id: Text
    private(set) var events = 0
    private(set) var dropped = 0
    private(set) var newerFormat: Int64?
    private var started: Members?
    private var origin: ForkOrigin?
    private var writer = JSONWriter()
    /// The seq that each of the old ones has become.
    private var places: [(old: Int, new: Int)] = []
    private var last: [UInt8] = []
    private var firstTime: Timestamp?

    var isBegunAnew: Bool { started == nil }
    var kept: Int { events + (started == nil ? 0 : 1) }

    init(_ id: Text) { self.id = id }

    mutating func take(_ line: UnsafeRawBufferPointer) {
        guard let json = try? JSON.parse(line), let recorded = try? RecordedEvent(json), !isRepeated(line) else {
            dropped += 1
            return
        }
        var members = Members(json)
        if case .started(let event) = recorded.event {
            if event.format > Started.format { newerFormat = event.format }
            guard started == nil else {
                dropped += 1
                return
            }
            var conversation = Members(json["conversation"])
            conversation["id"] = .string(id)
            members["conversation"] = JSONFragment { $0.object(conversation) }
            members["seq"] = JSONFragment { $0.integer(0) }
            started = members
            origin = event.forkedFrom
            return
        }
        firstTime = firstTime ?? recorded.time
        // `started` takes the first place, whether there is one or it is made.
        events += 1
        places.append((recorded.seq, events))
        members["seq"] = JSONFragment { [events] in $0.integer(events) }
        if case .superseded(let from) = recorded.event {
            let place = (places.first { $0.old == from } ?? places.first { $0.old >= from })?.new ?? events
            members["fromSeq"] = JSONFragment { $0.integer(place) }
        }
        // Where a count stood is told in old numbers: without it there is one full recount.
        if case .insight = recorded.event { members["checkpoint"] = nil }
        writer.object(members)
        writer.endLine()
    }

    /// A line that stands there twice in a row was written twice.
    private mutating func isRepeated(_ line: UnsafeRawBufferPointer) -> Bool {
        let bytes = Array(line)
        defer { last = bytes }
        return bytes == last
    }

    func text(owner: Repair.Owner, at time: Timestamp) -> [UInt8] {
        var text = JSONWriter()
        if var started {
            if let origin {
                // Those of the inherited messages that are left.
                let inherited = places.count { $0.old <= origin.inherited }
                started["forkedFrom"] = JSONFragment {
                    $0.forkOrigin(
                        ForkOrigin(conversationId: origin.conversationId, seq: origin.seq, inherited: inherited))
                }
            }
            text.object(started)
        } else {
            let event = Started(
                id: id, userId: owner.userId, agentId: owner.agentId, type: "general", context: .initialContext())
            text.event(.started(event), seq: 0, at: firstTime ?? time)
        }
        text.endLine()
        return text.bytes + writer.bytes
    }
}

extension StoreDirectory {
    /// Puts another text in the place of a conversation's file and keeps the original beside it; answers with its path.
    fileprivate func replace(_ id: Text, with text: [UInt8], at time: Timestamp) throws(StoreError) -> String {
        let name = Self.fileName(id)
        let temporary = ".\(id).\(getpid()).repaired.new"
        let file = OpenFile(
            try check("creating \(path)/conversations/\(temporary)") {
                linux_open_at(conversations, temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            })
        defer { unlinkat(conversations, temporary, 0) }
        try writeAll(text[...], to: file.descriptor, shown: "\(path)/conversations/\(temporary)")
        try check("syncing \(path)/conversations/\(temporary)") { fsync(file.descriptor) }
        var number = 1
        var copy = ""
        repeat {
            copy = name + ".damaged-\(time.milliseconds)" + (number > 1 ? "-\(number)" : "")
            number += 1
        } while linkat(conversations, name, conversations, copy, 0) != 0 && errno == EEXIST
        var facts = stat()
        try check("keeping the original of \(shown(id))") { fstatat(conversations, copy, &facts, 0) }
        try check("replacing \(shown(id))") { renameat(conversations, temporary, conversations, name) }
        try check("syncing \(path)/conversations") { fsync(conversations) }
        return "\(path)/conversations/\(copy)"
    }
}
