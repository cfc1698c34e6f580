import CLinux
import Conversations
import Glibc
import Jansson

/// Says that a turn of a conversation runs, to every process on the store: `locks/<id>.lock`, held by flock(2), so it
/// is free again the moment its process dies.
///
/// The file stays when the lock is released: taking it away would let two processes hold locks on two files. Only a
/// purge takes it away, when there is no turn and no conversation any more.
package final class TurnLock {
    private let descriptor: Int32
    /// Bytes of the file that a name takes, as long as one stands there.
    private var named = 0
    package private(set) var isHeld = false

    /// Who holds a lock, as it wrote itself.
    package struct Owner: Sendable {
        package let pid: Int
        package let turnId: Text
        package let since: Timestamp

        package init(pid: Int, turnId: Text, since: Timestamp) {
            self.pid = pid
            self.turnId = turnId
            self.since = since
        }
    }

    package init(_ id: Text, in directory: StoreDirectory) throws(StoreError) {
        descriptor = try check("opening \(directory.path)/locks/\(id).lock") {
            linux_open_at(directory.locks, "\(id).lock", O_RDWR | O_CREAT, 0o600)
        }
    }

    deinit { close(descriptor) }

    /// Whether the lock is ours now; it never waits.
    package func take() -> Bool {
        if !isHeld { isHeld = flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
        return isHeld
    }

    /// Writes who holds the lock and why, for people and other processes.
    package func name(_ owner: Owner) {
        var line = JSONFragment {
            $0.beginObject()
            $0.key("pid")
            $0.integer(owner.pid)
            $0.key("turnId")
            $0.string(owner.turnId)
            $0.key("since")
            $0.string(owner.since.text)
            $0.endObject()
        }.bytes
        named = max(named, Self.width, line.count)
        line += [UInt8](repeating: Self.blank, count: named - line.count)
        write(line)
    }

    /// Names are written over each other, blanks and all: to cut the file costs more than the whole rest of a lock.
    private static let width = 120
    private static let blank = UInt8(ascii: " ")

    /// Only information: the lock holds whether or not it could be written.
    private func write(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    package func release() {
        guard isHeld else { return }
        if named > 0 { write([UInt8](repeating: Self.blank, count: named)) }
        named = 0
        flock(descriptor, LOCK_UN)
        isHeld = false
    }

    /// Who holds the lock; nil where nobody has written that there.
    package var owner: Owner? {
        var block = [UInt8](repeating: 0, count: 512)
        let count = block.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0, let json = try? JSON.parse(block[..<count]), let pid = json["pid"]?.integer,
            let turnId = json["turnId"]?.text, let since = json["since"]?.text.flatMap({ Timestamp($0.utf8) })
        else { return nil }
        return Owner(pid: Int(pid), turnId: turnId, since: since)
    }
}
