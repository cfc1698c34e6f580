import CLinux
import Conversations
import Glibc
import Jansson

/// One conversation's file, open: what it holds, and the events that wait to be written to it.
///
/// It belongs to one executor. Between `lock` and `unlock` no other process writes to the file.
package final class ConversationLog {
    package let id: Text
    package internal(set) var contents: LogContents
    /// Lines that were appended and not written yet.
    package private(set) var pending = JSONWriter()
    package private(set) var isLocked = false

    let directory: StoreDirectory
    let file: OpenFile
    var descriptor: Int32 { file.descriptor }
    private let identity: FileIdentity
    /// What the file is called until it is published under its own name.
    private var temporaryName: String?
    /// Bytes that other processes and we have written; `contents.size` is ahead of it by `pending`.
    private(set) var writtenSize: Int

    // MARK: Opening and creating

    /// What opening read, to be handed from a worker's thread to the executor.
    package struct Opened: Sendable {
        let file: OpenFile
        let identity: FileIdentity
        package let contents: LogContents
    }

    /// Opens and reads a conversation's file. Safe on any thread.
    ///
    /// - Throws: `notFound`, `failed`, or `damaged` where not even its first event can be read.
    package static func open(_ id: Text, in directory: StoreDirectory) throws(StoreError) -> Opened {
        let name = StoreDirectory.fileName(id)
        var descriptor = linux_open_at(directory.conversations, name, O_RDWR | O_APPEND, 0)
        if descriptor < 0, errno == EACCES || errno == EROFS {
            descriptor = linux_open_at(directory.conversations, name, O_RDONLY, 0)
        }
        if descriptor < 0 {
            if errno == ENOENT { throw .notFound }
            throw .failed(SystemError(number: errno, operation: "opening \(directory.shown(id))"))
        }
        let file = OpenFile(descriptor)
        let identity = try FileIdentity(of: descriptor, shown: directory.shown(id))
        var contents = LogContents(of: id)
        var tail = try contents.read(descriptor, shown: directory.shown(id))
        if contents.conversation == nil, case .unterminated = tail, flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
            // All that there is lacks only its line end; nobody is writing it.
            defer { flock(descriptor, LOCK_UN) }
            try check("mending \(directory.shown(id))") { Glibc.write(descriptor, "\n", 1) }
            tail = try contents.read(descriptor, shown: directory.shown(id))
        }
        if contents.conversation != nil { return Opened(file: file, identity: identity, contents: contents) }
        if case .torn(let reason) = tail { throw .unreadable(Damage(line: 1, offset: 0, reason: reason)) }
        throw .unreadable(Damage(line: 1, offset: 0, reason: "it is empty"))
    }

    /// The file as it is now, to be read on another thread: what is appended later is not part of it. Nothing may be
    /// pending.
    package var snapshot: Opened { Opened(file: file, identity: identity, contents: contents) }

    package init(_ id: Text, _ opened: Opened, in directory: StoreDirectory) {
        self.id = id
        self.directory = directory
        file = opened.file
        identity = opened.identity
        contents = opened.contents
        writtenSize = opened.contents.size
    }

    /// A file for a conversation that begins: locked, under a temporary name until `publish`.
    package init(creating id: Text, in directory: StoreDirectory) throws(StoreError) {
        if directory.exists(id) { throw .exists }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let name = ".\(id).\(getpid())-\(time.tv_sec)\(time.tv_nsec).new"
        let descriptor = try check("creating \(directory.shown(id))") {
            linux_open_at(directory.conversations, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o600)
        }
        file = OpenFile(descriptor)
        identity = try FileIdentity(of: descriptor, shown: directory.shown(id))
        try check("locking \(directory.shown(id))") { flock(descriptor, LOCK_EX | LOCK_NB) }
        self.id = id
        self.directory = directory
        contents = LogContents(of: id)
        temporaryName = name
        writtenSize = 0
        isLocked = true
    }

    deinit {
        if let temporaryName { unlinkat(directory.conversations, temporaryName, 0) }
    }

    package var isPublished: Bool { temporaryName == nil }

    /// Of the newest event.
    package var seq: Int { contents.conversation?.seq ?? -1 }

    // What the hot paths ask of the folded state, without a copy of all of it.
    package var isEnded: Bool { contents.conversation?.endTime != nil }
    package var agentId: Text { contents.conversation?.agentId ?? "" }
    package var openTurn: Conversation.OpenTurn? { contents.conversation?.openTurn }
    package var messageCount: Int { contents.conversation?.messageCount ?? 0 }
    package var messagesSinceInsight: Int { contents.conversation?.messagesSinceInsight ?? 0 }
    /// Bytes of all lines.
    package var size: Int { contents.size }
    package func entry(_ line: Int) -> EventIndex.Entry { contents.index[line] }
    /// Of the event at a line.
    package func seq(_ line: Int) -> Int { contents.index.seq(line) }
    /// How many lines the file has.
    package var lineCount: Int { contents.index.count }

    package var hasPending: Bool { pending.count > 0 }
    /// Whether events may be appended at all.
    package var isWritable: Bool {
        contents.damage.isEmpty && (contents.conversation?.format ?? Started.format) <= Started.format
    }

    // MARK: Other processes' writes

    package enum Standing: Sendable {
        case ready
        /// Another process holds the lock.
        case contended
        /// The name stands for another file now, or this one shrank: open it anew.
        case replaced
        /// Nothing stands under the name any more.
        case gone
    }

    /// Makes what other processes appended known, without waiting for them.
    package func catchUp() throws(StoreError) -> Standing {
        if isLocked { return .ready }
        let (standing, size) = try look()
        guard standing == .ready, size > writtenSize else { return standing }
        // Under the shared lock no write is half done. A process that holds on to the lock must not keep readers
        // waiting, so without it they take what ends in a line end.
        let isShared = flock(descriptor, LOCK_SH | LOCK_NB) == 0
        defer { if isShared { flock(descriptor, LOCK_UN) } }
        _ = try contents.read(descriptor, shown: directory.shown(id))
        writtenSize = contents.size
        return .ready
    }

    /// Takes the lock, catches up, and mends what a killed writer left at the end of the file.
    ///
    /// - Throws: `damaged`, `newerFormat` or `failed`, and then holds no lock.
    /// - Parameters:
    ///   - evenIfDamaged: for what moves the file as it is.
    ///   - mended: called with a sentence where the file's end was mended.
    package func lock(
        evenIfDamaged: Bool = false, mended: (String) -> Void
    ) throws(StoreError) -> Standing {
        if isLocked {
            if !evenIfDamaged { try checkWritable() }
            return .ready
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return .contended }
            throw .failed(SystemError(number: errno, operation: "locking \(directory.shown(id))"))
        }
        do throws(StoreError) {
            let (standing, size) = try look()
            if standing == .ready {
                if size != writtenSize { try readTail(mended: mended) }
                if !evenIfDamaged { try checkWritable() }
                isLocked = true
            } else {
                flock(descriptor, LOCK_UN)
            }
            return standing
        } catch {
            flock(descriptor, LOCK_UN)
            throw error
        }
    }

    private func checkWritable() throws(StoreError) {
        if !contents.damage.isEmpty { throw .damaged(contents.damage) }
        if let format = contents.conversation?.format, format > Started.format { throw .newerFormat(format) }
    }

    /// Releases the lock. What is pending must have been written.
    package func unlock() {
        guard isLocked else { return }
        flock(descriptor, LOCK_UN)
        isLocked = false
    }

    /// What stands under our name, and how long it is.
    private func look() throws(StoreError) -> (Standing, size: Int) {
        if !isPublished { return (.ready, writtenSize) }
        var facts = stat()
        if fstatat(directory.conversations, StoreDirectory.fileName(id), &facts, 0) != 0 {
            if errno == ENOENT { return (.gone, 0) }
            throw .failed(SystemError(number: errno, operation: "looking at \(directory.shown(id))"))
        }
        guard FileIdentity(facts) == identity, Int(facts.st_size) >= writtenSize else { return (.replaced, 0) }
        return (.ready, Int(facts.st_size))
    }

    private func readTail(mended: (String) -> Void) throws(StoreError) {
        let path = directory.shown(id)
        switch try contents.read(descriptor, shown: path) {
        case .clean: break
        case .unterminated:
            try check("mending \(path)") { Glibc.write(descriptor, "\n", 1) }
            _ = try contents.read(descriptor, shown: path)
            mended("\(path): its last event lacked its line end, which was added")
        case .torn(let reason):
            let copy = try cutTail()
            mended("\(path): its end was torn (\(reason)); the rest was moved to \(copy)")
        }
        writtenSize = contents.size
    }

    // MARK: Writing

    /// Memory for pending lines that is kept from one write to the next.
    private static let keptBytes = 64 << 10

    /// Appends an event in memory: folded and readable at once, in the file with the next `write`.
    /// The lock must be held. Answers with the event's seq.
    @discardableResult
    package func append(_ event: Event, at time: Timestamp) -> Int {
        let seq = self.seq + 1
        let before = pending.count
        pending.event(event, seq: seq, at: time)
        pending.endLine()
        contents.append(RecordedEvent(seq: seq, time: time, event: event), length: pending.count - before)
        return seq
    }

    /// As `append(_:at:)` for an event that is a line already, such as one of another file.
    package func append(line: JSONFragment, _ recorded: RecordedEvent) {
        pending.value(line)
        pending.endLine()
        contents.append(recorded, length: line.bytes.count + 1)
    }

    /// Writes what is pending in one piece.
    ///
    /// - Throws: `failed`. The file is then as it was before; this log is not and must be dropped.
    package func write() throws(StoreError) {
        if !hasPending { return }
        let path = directory.shown(id)
        let lines = pending.bytes
        let count = lines.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count == lines.count {
            writtenSize += count
            pending.removeAll(keeping: Self.keptBytes)
            return
        }
        let number = count < 0 ? errno : ENOSPC  // Of a plain file a write is short only where space ran out.
        ftruncate(descriptor, off_t(writtenSize))
        throw .failed(SystemError(number: number, operation: "writing \(path)"))
    }

    /// Waits until the disk has what was written.
    package func sync() throws(StoreError) {
        if fdatasync(descriptor) != 0 {
            throw .unconfirmed(SystemError(number: errno, operation: "syncing \(directory.shown(id))"))
        }
    }

    /// What gives the file its own name; nil where it has it.
    package func publication() -> Publication? {
        temporaryName.map { Publication(directory: directory, id: id, temporaryName: $0) }
    }

    /// The publication was done.
    package func didPublish() { temporaryName = nil }
}

/// A descriptor that is closed, and its lock released, when the last who needs it has let go: the conversation's log,
/// or a sync that still runs.
package final class OpenFile: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}

/// Which file a descriptor or a name stands for.
struct FileIdentity: Equatable, Sendable {
    private let device: UInt
    private let inode: UInt

    init(_ facts: stat) {
        device = UInt(facts.st_dev)
        inode = UInt(facts.st_ino)
    }

    init(of descriptor: Int32, shown path: String) throws(StoreError) {
        var facts = stat()
        try check("looking at \(path)") { fstat(descriptor, &facts) }
        self.init(facts)
    }
}
