import CLinux
import Glibc
import Jansson

/// Gives a new conversation's file its own name, in a way that never replaces another's.
package struct Publication: Sendable {
    let directory: StoreDirectory
    let id: Text
    let temporaryName: String

    /// - Parameter durably: whether to wait until the disk has the name, too.
    /// - Throws: `exists` where another process was quicker, `failed`, `unconfirmed`.
    package func callAsFunction(durably: Bool) throws(StoreError) {
        let name = StoreDirectory.fileName(id)
        let folder = directory.conversations
        if linux_rename_exclusively(folder, temporaryName, folder, name) != 0 {
            if errno == EEXIST { throw .exists }
            throw .failed(SystemError(number: errno, operation: "naming \(directory.shown(id))"))
        }
        if durably, fsync(folder) != 0 {
            throw .unconfirmed(SystemError(number: errno, operation: "syncing \(directory.path)/conversations"))
        }
    }
}
