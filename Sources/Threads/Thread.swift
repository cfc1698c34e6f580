import CLinux
import Glibc

/// A POSIX thread that runs `body` once, for blocking work that must stay off Swift's cooperative pool.
package struct Thread: Sendable {
    private let handle: pthread_t

    /// - Parameters:
    ///   - name: what `ps -L` and debuggers show, at most 15 bytes.
    ///   - stackBytes: parsing and freeing JSON recurse, so threads that touch it want more than a worker's default.
    package init(name: StaticString, stackBytes: Int = 512 << 10, _ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stackBytes)
        var handle = pthread_t()
        let start = Unmanaged.passRetained(Start(name, body))
        let failure = pthread_create(
            &handle, &attributes,
            { argument in
                // Never nil: it is the pointer passed below. Without it there is nothing to run.
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                linux_name_thread(UnsafeRawPointer(start.name.utf8Start).assumingMemoryBound(to: CChar.self))
                start.body()
                return nil
            }, start.toOpaque())
        pthread_attr_destroy(&attributes)
        // The kernel refuses a thread only when memory or process slots have run out; no host can start then.
        precondition(failure == 0, "pthread_create failed with \(failure)")
        self.handle = handle
    }

    package func join() { pthread_join(handle, nil) }

    private final class Start {
        let name: StaticString
        let body: @Sendable () -> Void
        init(_ name: StaticString, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
