import DequeModule
import Glibc
import Threads

/// A few threads that wait for the disk, so that the executor need not.
package final class SyncPool: Sendable {
    private let jobs = Monitor(Deque<@Sendable () -> Void>())

    package init(threads: Int = 4) {
        for _ in 0..<threads {
            _ = Thread(name: "parley-sync") { [jobs] in
                while true { jobs.wait { $0.popFirst() }() }
            }
        }
    }

    /// Syncs the log's file, and publishes it where it is new; `done` is called on one of the pool's threads.
    package func sync(_ log: ConversationLog, done: @escaping @Sendable (StoreError?) -> Void) {
        let file = log.file
        let path = log.directory.shown(log.id)
        let publication = log.publication()
        jobs.signalling { jobs in
            jobs.append {
                if fdatasync(file.descriptor) != 0 {
                    done(.unconfirmed(SystemError(number: errno, operation: "syncing \(path)")))
                    return
                }
                do throws(StoreError) {
                    try publication?(durably: true)
                    done(nil)
                } catch {
                    done(error)
                }
            }
        }
    }

    /// Runs other work that reads or writes files for long.
    package func run(_ work: @escaping @Sendable () -> Void) {
        jobs.signalling { $0.append(work) }
    }
}
