import CLinux
import Conversations
import Glibc
import Jansson

/// A deleted conversation.
package struct TrashedConversation: Sendable {
    package let id: Text
    /// When it was deleted.
    package let time: Timestamp
    /// Of its file.
    package let bytes: Int
    let name: TrashName
}

/// The name of a file in the trash: `<id>~20260101T000000.000Z.jsonl`, and `…Z-2.jsonl` where there is that one. Ids
/// have no `~`.
struct TrashName: Comparable, Sendable {
    let id: Text
    let time: Timestamp
    let number: Int

    var text: String {
        let plain = String("\(time.text)".filter { $0 != "-" && $0 != ":" })
        return "\(id)~\(plain)\(number > 1 ? "-\(number)" : "").jsonl"
    }

    init(_ id: Text, _ time: Timestamp, _ number: Int) {
        self.id = id
        self.time = time
        self.number = number
    }

    init?(_ name: String) {
        guard let tilde = name.firstIndex(of: "~"), name.hasSuffix(".jsonl") else { return nil }
        let parts = name[name.index(after: tilde)...].dropLast(6).split(separator: "-", maxSplits: 1)
        guard let stamp = parts.first, let number = parts.count == 2 ? Int(parts[1]) : 1,
            let time = Timestamp(Self.punctuated(Array(stamp.utf8)))
        else { return nil }
        self.init(Text(String(name[..<tilde])), time, number)
        if !Identifier.isConversationID(id) || text != name { return nil }
    }

    /// `20260101T000000.000Z` as RFC 3339 has it.
    private static func punctuated(_ stamp: [UInt8]) -> [UInt8] {
        var text = stamp
        for (place, mark) in [(4, "-"), (7, "-"), (13, ":"), (16, ":")] where place <= text.count {
            text.insert(contentsOf: mark.utf8, at: place)
        }
        return text
    }

    static func < (left: TrashName, right: TrashName) -> Bool {
        (left.time, left.number, left.id) < (right.time, right.number, right.id)
    }
}

extension StoreDirectory {
    /// Moves a conversation's file into the trash. Its lock must be held.
    ///
    /// - Parameter durably: whether to wait until the disk has it there.
    package func moveToTrash(_ id: Text, at time: Timestamp, durably: Bool) throws(StoreError) {
        var name = TrashName(id, time, 1)
        while linux_rename_exclusively(conversations, Self.fileName(id), trash, name.text) != 0 {
            let number = errno
            if number == ENOENT, !exists(id) { throw .notFound }
            guard number == EEXIST else {
                throw .failed(SystemError(number: number, operation: "moving \(shown(id)) to the trash"))
            }
            name = TrashName(id, time, name.number + 1)
        }
        if durably { try syncFolders() }
    }

    /// Takes the newest of the deleted conversations with that id back.
    ///
    /// - Throws: `notFound`, `exists`, `failed`, `unconfirmed`.
    package func restore(_ id: Text, at time: Timestamp, durably: Bool) throws(StoreError) {
        guard let newest = try trashed().last(where: { $0.id == id }) else { throw .notFound }
        if exists(id) { throw .exists }
        let file = try noteRestored(newest.name.text, id, at: time, durably: durably)
        // Until it has its name again nobody else writes to it.
        defer { withExtendedLifetime(file) {} }
        if linux_rename_exclusively(trash, newest.name.text, conversations, Self.fileName(id)) != 0 {
            if errno == EEXIST || errno == ENOENT { throw .exists }
            throw .failed(SystemError(number: errno, operation: "restoring \(shown(id))"))
        }
        if durably { try syncFolders() }
    }

    /// Adds the event that tells of it, where the file can be written: what is damaged comes back as it was. Answers
    /// with the file, locked.
    private func noteRestored(_ name: String, _ id: Text, at time: Timestamp, durably: Bool) throws(StoreError)
        -> OpenFile?
    {
        let descriptor = linux_open_at(trash, name, O_RDWR | O_APPEND, 0)
        if descriptor < 0 { return nil }
        let file = OpenFile(descriptor)
        // Whoever has it locked, or has moved it, is taking it back at this moment.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .exists }
        var facts = stat()
        guard fstatat(trash, name, &facts, 0) == 0,
            FileIdentity(facts) == (try FileIdentity(of: descriptor, shown: name))
        else { throw .exists }
        var contents = LogContents(of: id)
        let tail = try contents.read(descriptor, shown: shown(id))
        guard tail == .clean, contents.damage.isEmpty, let conversation = contents.conversation,
            conversation.format <= Started.format
        else { return file }
        var line = JSONWriter()
        line.event(.restored, seq: conversation.seq + 1, at: time)
        line.endLine()
        try writeAll(line.bytes[...], to: descriptor, shown: shown(id))
        if durably { try check("syncing \(shown(id))") { fdatasync(descriptor) } }
        return file
    }

    /// What is in the trash, the oldest first.
    package func trashed() throws(StoreError) -> [TrashedConversation] {
        try names(in: trash).compactMap { TrashName($0) }.sorted().map { name in
            var facts = stat()
            let bytes = fstatat(trash, name.text, &facts, 0) == 0 ? Int(facts.st_size) : 0
            return TrashedConversation(id: name.id, time: name.time, bytes: bytes, name: name)
        }
    }

    /// Takes a file of the trash away for good.
    package func purge(_ trashed: TrashedConversation) throws(StoreError) {
        try remove(trashed.name.text, from: trash)
    }

    /// Takes away for good whatever there is of a conversation: its file, and all that `purgeCopies` does. The file's
    /// lock must be held.
    package func purge(_ id: Text, durably: Bool) throws(StoreError) {
        let file = Self.fileName(id)
        try remove(file, from: conversations)
        for name in try names(in: conversations) where Self.isUnfinished(name, of: id) && !isBeingWritten(name) {
            try remove(name, from: conversations)
        }
        try remove("\(id).lock", from: locks)
        _ = try purgeCopies(id, durably: durably)
    }

    /// Takes away for good what there is of a conversation in the trash, and copies of it that were put beside its file.
    ///
    /// - Returns: whether there was anything.
    package func purgeCopies(_ id: Text, durably: Bool) throws(StoreError) -> Bool {
        let file = Self.fileName(id)
        var found = false
        for name in try names(in: conversations) where Self.isCopy(name, of: file) {
            try remove(name, from: conversations)
            found = true
        }
        for name in try names(in: trash) where TrashName(name)?.id == id {
            try remove(name, from: trash)
            found = true
        }
        if found, durably { try syncFolders() }
        return found
    }

    /// Does something with the file of a conversation that can't be opened, with its lock held.
    package func locked(_ id: Text, _ body: () throws(StoreError) -> Void) throws(StoreError) {
        let descriptor = linux_open_at(conversations, Self.fileName(id), O_RDONLY, 0)
        if descriptor < 0, errno == ENOENT { throw .notFound }
        let file = OpenFile(try check("opening \(shown(id))") { descriptor })
        try check("locking \(shown(id)), which another process holds") {
            flock(file.descriptor, LOCK_EX | LOCK_NB)
        }
        var facts = stat()
        guard fstatat(conversations, Self.fileName(id), &facts, 0) == 0,
            FileIdentity(facts) == (try FileIdentity(of: file.descriptor, shown: shown(id)))
        else { throw .notFound }
        try body()
    }

    /// What recovery and repair put beside a conversation's file.
    static func isCopy(_ name: String, of file: String) -> Bool {
        [".torn-", ".damaged-"].contains { mark in
            // A conversation whose id looks like this has `.jsonl` behind it.
            name.hasPrefix(file + mark) && name.dropFirst((file + mark).count).allSatisfy { $0.isNumber || $0 == "-" }
        }
    }

    /// What a killed process left of the file under another name: `.<id>.<pid>….new`.
    private static func isUnfinished(_ name: String, of id: Text) -> Bool {
        let beginning = ".\(id)."
        guard name.hasPrefix(beginning), name.hasSuffix(".new") else { return false }
        let middle = name.dropFirst(beginning.count).dropLast(4)
        return middle.allSatisfy { $0.isNumber || $0 == "-" }
            || middle.hasSuffix(".repaired") && !middle.dropLast(9).contains(".")
    }

    /// What has gone already is as it should be.
    private func remove(_ name: String, from folder: Int32) throws(StoreError) {
        if unlinkat(folder, name, 0) != 0, errno != ENOENT {
            throw .failed(SystemError(number: errno, operation: "removing \(path)/…/\(name)"))
        }
    }

    private func syncFolders() throws(StoreError) {
        for folder in [conversations, trash] where fsync(folder) != 0 {
            throw .unconfirmed(SystemError(number: errno, operation: "syncing the folders of \(path)"))
        }
    }
}
