import CLinux
import Glibc

extension ConversationLog {
    /// Copies what stands behind the last good line to a file beside ours, syncs the copy, and cuts it off.
    /// The lock must be held. Answers with the copy's path.
    func cutTail() throws(StoreError) -> String {
        let path = directory.shown(id)
        var name = "\(StoreDirectory.fileName(id)).torn-\(contents.size)"
        var copy = linux_open_at(directory.conversations, name, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        var number = 1
        while copy < 0, errno == EEXIST {
            // The file was torn at the same place before.
            number += 1
            name = "\(StoreDirectory.fileName(id)).torn-\(contents.size)-\(number)"
            copy = linux_open_at(directory.conversations, name, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        }
        let shown = "\(directory.path)/conversations/\(name)"
        try check("creating \(shown)") { copy }
        defer { close(copy) }
        var block = [UInt8](repeating: 0, count: 64 << 10)
        var offset = contents.size
        while true {
            let count = try check("reading \(path)") {
                block.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
            }
            if count == 0 { break }
            try writeAll(block[..<count], to: copy, shown: shown)
            offset += count
        }
        try check("syncing \(shown)") { fsync(copy) }
        try check("cutting \(path)") { ftruncate(descriptor, off_t(contents.size)) }
        return shown
    }
}
