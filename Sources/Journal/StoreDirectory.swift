import CLinux
import Conversations
import Glibc
import Jansson

/// Where a store's files are. Its folders stay open, so the store survives being moved while it is used.
package final class StoreDirectory: Sendable {
    /// For people: as it was given, unless something else is to be shown.
    package let path: String
    let conversations: Int32
    let locks: Int32
    let trash: Int32

    /// Opens the store, creating what is missing: folders with mode 0700.
    ///
    /// - Parameter shown: what the store is called in messages, where that is not its path.
    package init(path: String, shown: String? = nil) throws(StoreError) {
        self.path = shown ?? path
        try Self.makeFolders(path)
        let root = try Self.openFolder(AT_FDCWD, path, shown: path)
        defer { close(root) }
        conversations = try Self.openOrMakeFolder(root, "conversations", in: path)
        locks = try Self.openOrMakeFolder(root, "locks", in: path)
        trash = try Self.openOrMakeFolder(root, "trash", in: path)
    }

    deinit {
        close(conversations)
        close(locks)
        close(trash)
    }

    /// Something that people should know about where the store is; nil where all is well.
    package var warning: String? {
        guard linux_is_remote(conversations) == 1 else { return nil }
        return "\(path) is on a network file system, where locks between processes do not hold; use a local disk"
    }

    /// The file name of a conversation, in `conversations/`.
    static func fileName(_ id: Text) -> String { "\(id).jsonl" }

    func shown(_ id: Text) -> String { "\(path)/conversations/\(id).jsonl" }

    package func exists(_ id: Text) -> Bool {
        var facts = stat()
        return fstatat(conversations, Self.fileName(id), &facts, 0) == 0
    }

    /// Ids of all conversations, in no order.
    package func conversationIDs() throws(StoreError) -> [Text] {
        try names(in: conversations).compactMap { name in
            guard name.hasSuffix(".jsonl") else { return nil }
            let id = Text(String(name.dropLast(6)))
            return Identifier.isConversationID(id) ? id : nil
        }
    }

    /// How many conversations are in the trash.
    package func trashedCount() throws(StoreError) -> Int {
        try names(in: trash).count { $0.hasSuffix(".jsonl") }
    }

    /// Bytes of a conversation's file; 0 where it has gone.
    package func size(of id: Text) -> Int {
        var facts = stat()
        return fstatat(conversations, Self.fileName(id), &facts, 0) == 0 ? Int(facts.st_size) : 0
    }

    func names(in folder: Int32) throws(StoreError) -> [String] {
        // A new descriptor, since reading a directory moves the one it is read through.
        let descriptor = try check("reading \(path)") { linux_open_at(folder, ".", O_RDONLY | O_DIRECTORY, 0) }
        guard let stream = fdopendir(descriptor) else {
            let error = StoreError.failed(SystemError(number: errno, operation: "reading \(path)"))
            close(descriptor)
            throw error
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    // MARK: Opening

    private static func makeFolders(_ path: String) throws(StoreError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += part + "/"
            if mkdir(prefix, 0o700) != 0, errno != EEXIST, errno != EISDIR {
                throw .failed(SystemError(number: errno, operation: "creating \(prefix)"))
            }
        }
    }

    private static func openFolder(_ parent: Int32, _ name: String, shown: String) throws(StoreError) -> Int32 {
        try check("opening \(shown)") { linux_open_at(parent, name, O_RDONLY | O_DIRECTORY, 0) }
    }

    private static func openOrMakeFolder(_ parent: Int32, _ name: String, in path: String) throws(StoreError) -> Int32 {
        if mkdirat(parent, name, 0o700) != 0, errno != EEXIST, errno != EROFS {
            throw .failed(SystemError(number: errno, operation: "creating \(path)/\(name)"))
        }
        return try openFolder(parent, name, shown: "\(path)/\(name)")
    }
}
