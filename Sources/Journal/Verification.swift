import CLinux
import Conversations
import Glibc
import Jansson

/// What a look at every line of one file found.
package struct Verification: Sendable {
    package var events = 0
    package var bytes = 0
    /// Bad lines with good ones behind them; they keep the conversation from being written.
    package var damaged: [Damage] = []
    /// What a crash left at the file's end; the next write cuts it off.
    package var torn: Damage?

    /// Reads a conversation's file whole. Safe on any thread.
    ///
    /// - Throws: `notFound`, or `failed` where it can't be read.
    package init(_ id: Text, in directory: StoreDirectory) throws(StoreError) {
        let shown = directory.shown(id)
        let descriptor = linux_open_at(directory.conversations, StoreDirectory.fileName(id), O_RDONLY, 0)
        if descriptor < 0, errno == ENOENT { throw .notFound }
        let file = OpenFile(try check("opening \(shown)") { descriptor })
        try self.init(of: file, id, shown: shown)
    }

    /// As above of an open file, which the caller may have locked.
    init(of file: OpenFile, _ id: Text, shown: String) throws(StoreError) {
        var contents = LogContents(of: id, lookingAtAll: true)
        var tail = try contents.read(file.descriptor, shown: shown)
        if tail != .clean {
            // Somebody may be in the middle of a write. Whoever is has the lock, and will leave a good end. Where this
            // descriptor has it, it keeps it.
            if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 {
                tail = try contents.read(file.descriptor, shown: shown)
            } else {
                tail = .clean
            }
        }
        events = contents.index.count - contents.damage.count { contents.index[$0.line - 1].kind == .damaged }
        bytes = contents.size
        damaged = contents.damage
        let end = (line: contents.index.count + 1, offset: contents.size)
        switch tail {
        case .clean: break
        case .unterminated:
            torn = Damage(line: end.line, offset: end.offset, reason: "its last event lacks its line end")
        case .torn(let reason): torn = Damage(line: end.line, offset: end.offset, reason: reason)
        }
        // Who opens it takes a message by its line's beginning: what is bad behind one it would not cut off.
        if let end = torn {
            var opened = LogContents(of: id)
            _ = try opened.read(file.descriptor, shown: shown)
            if opened.size > contents.size {
                damaged.append(end)
                torn = nil
            }
        }
        // Of a file without a beginning nothing can be served, so nothing of it is an end.
        if contents.conversation == nil {
            damaged = [torn ?? Damage(line: 1, offset: 0, reason: "it is empty")]
            torn = nil
        }
    }
}

extension StoreDirectory {
    /// Files in the store that belong to no conversation, as `folder/name`, in order.
    package func leftovers() throws(StoreError) -> [String] {
        var found: [String] = []
        for name in try names(in: conversations) where !Self.isKnown(name) && !isBeingWritten(name) {
            found.append("conversations/\(name)")
        }
        for name in try names(in: trash) where TrashName(name) == nil && name.first != "." {
            found.append("trash/\(name)")
        }
        return found.sorted()
    }

    /// `.`, `..`, a conversation's file or a copy beside it.
    private static func isKnown(_ name: String) -> Bool {
        if name == "." || name == ".." { return true }
        if name.hasSuffix(".jsonl") { return Identifier.isConversationID(Text(String(name.dropLast(6)))) }
        return name.contains(".jsonl.torn-") || name.contains(".jsonl.damaged-")
    }

    /// A conversation that begins is locked until it has its own name.
    func isBeingWritten(_ name: String) -> Bool {
        guard name.hasPrefix("."), name.hasSuffix(".new") else { return false }
        let descriptor = linux_open_at(conversations, name, O_RDONLY, 0)
        if descriptor < 0 { return errno == ENOENT }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }
}
