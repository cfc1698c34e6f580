import CLinux
import Conversations
import Glibc
import Jansson

/// A list of events that comes from elsewhere, to become a conversation of the store. Safe on any thread.
package struct ForeignFile: Sendable {
    private let file: OpenFile
    private let size: Int
    /// Its fold.
    package let conversation: Conversation

    /// Why it is no conversation.
    package enum Fault: Error, Sendable {
        case unreadable(SystemError)
        /// - Parameter reason: a clause about that line, counted from 1.
        case bad(line: Int, reason: String)
    }

    /// Reads a file whole.
    package init(path: String) throws(Fault) {
        let descriptor = linux_open_at(AT_FDCWD, path, O_RDONLY, 0)
        if descriptor < 0 { throw .unreadable(SystemError(number: errno, operation: "opening \(path)")) }
        let file = OpenFile(descriptor)
        if Self.endsLine(descriptor) {
            try self.init(file, shown: path)
        } else {
            let text: [UInt8]
            do throws(FileFault) {
                text = try readAll(descriptor)
            } catch {
                throw .unreadable(SystemError(number: EIO, operation: "reading \(path)"))
            }
            try self.init(text: text)
        }
    }

    package init(text: [UInt8]) throws(Fault) {
        let file: OpenFile
        do throws(StoreError) {
            file = OpenFile(try check("holding the text") { linux_memory_file("parley-import") })
            try writeAll(text.last == 0x0A ? text[...] : (text + [0x0A])[...], to: file.descriptor, shown: "the text")
        } catch {
            throw .unreadable(SystemError(number: errno, operation: "holding the text"))
        }
        try self.init(file, shown: "the text")
    }

    private init(_ file: OpenFile, shown: String) throws(Fault) {
        var contents = LogContents(lookingAtAll: true)
        let tail: LogContents.Tail
        do throws(StoreError) {
            tail = try contents.read(file.descriptor, shown: shown)
        } catch {
            if case .failed(let failure) = error { throw .unreadable(failure) }
            throw .unreadable(SystemError(number: EIO, operation: "reading \(shown)"))
        }
        if let damage = contents.damage.first { throw .bad(line: damage.line, reason: damage.reason) }
        if case .torn(let reason) = tail { throw .bad(line: contents.index.count + 1, reason: reason) }
        guard let conversation = contents.conversation else { throw .bad(line: 1, reason: "there is no event") }
        guard Identifier.isConversationID(conversation.id) else {
            throw .bad(line: 1, reason: "`\(conversation.id)` can't be the id of a conversation")
        }
        if conversation.format > Started.format {
            throw .bad(line: 1, reason: "its format \(conversation.format) is of a newer Parley")
        }
        self.file = file
        self.conversation = conversation
        size = contents.size
    }

    /// Whether the file's last byte is a line end.
    private static func endsLine(_ descriptor: Int32) -> Bool {
        var facts = stat()
        var last: UInt8 = 0
        return fstat(descriptor, &facts) == 0 && facts.st_size > 0
            && pread(descriptor, &last, 1, facts.st_size - 1) == 1
            && last == 0x0A
    }

    /// Puts it into the store, byte for byte.
    ///
    /// - Throws: `exists`, `failed`, `unconfirmed`.
    package func publish(in directory: StoreDirectory, durably: Bool) throws(StoreError) {
        let log = try ConversationLog(creating: conversation.id, in: directory)
        let shown = directory.shown(conversation.id)
        try Self.copyBytes(of: file, size, to: log.descriptor, shown: shown)
        try log.finish(durably: durably)
    }

    private static func copyBytes(
        of file: OpenFile, _ size: Int, to descriptor: Int32, shown: String
    ) throws(StoreError) {
        var block = [UInt8](repeating: 0, count: 256 << 10)
        var offset = 0
        while offset < size {
            let wanted = min(block.count, size - offset)
            let count = try check("reading \(shown)") { pread(file.descriptor, &block, wanted, off_t(offset)) }
            if count == 0 { throw .failed(SystemError(number: EIO, operation: "\(shown) became shorter")) }
            try writeAll(block[..<count], to: descriptor, shown: shown)
            offset += count
        }
    }
}

/// Writes all of the bytes, in as many pieces as it takes.
func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, shown: String) throws(StoreError) {
    var rest = bytes
    while !rest.isEmpty {
        let count = try check("writing \(shown)") {
            rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
        rest = rest.dropFirst(count)
    }
}
