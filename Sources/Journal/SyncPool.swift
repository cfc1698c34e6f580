import DequeModule
import Glibc
import Threads

/// A few threads that wait for the disk, so that the executor need not.
package final class SyncPool: Sendable {
    private struct State {
        var jobs = Deque<@Sendable () -> Void>()
        var busy = 0
        var threads = 0
    }

    private let state = Monitor(State())
    private let threads: Int

    /// - Parameter threads: at most so many are made, as they are needed; with 0 whoever asks for work does it.
    package init(threads: Int = 4) { self.threads = threads }

    /// Syncs the log's file, and publishes it where it is new; `done` is called on one of the pool's threads.
    package func sync(_ log: ConversationLog, done: @escaping @Sendable (StoreError?) -> Void) {
        let file = log.file
        let path = log.directory.shown(log.id)
        let publication = log.publication()
        run {
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

    /// Runs other work that reads or writes files for long.
    package func run(_ work: @escaping @Sendable () -> Void) {
        if threads == 0 {
            work()
            return
        }
        let needsThread = state.signalling { state in
            state.jobs.append(work)
            guard state.jobs.count + state.busy > state.threads, state.threads < threads else { return false }
            state.threads += 1
            return true
        }
        if !needsThread { return }
        _ = Thread(name: "parley-sync") { [state] in
            while true {
                let job = state.wait { state -> (@Sendable () -> Void)? in
                    guard let job = state.jobs.popFirst() else { return nil }
                    state.busy += 1
                    return job
                }
                job()
                state.withLock { $0.busy -= 1 }
            }
        }
    }
}
