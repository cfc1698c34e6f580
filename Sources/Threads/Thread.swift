import CLinux
import Glibc

/// A POSIX thread that runs `body` once, for blocking work that must stay off Swift's cooperative pool. Nobody waits for
/// its end: what it leaves goes with it.
package struct Thread: Sendable {
    /// For the threads that a process can't do without.
    ///
    /// - Parameters:
    ///   - name: what `ps -L` and debuggers show, at most 15 bytes.
    ///   - stackBytes: parsing and freeing JSON recurse, so threads that touch it want more than a worker's default.
    package init(name: StaticString, stackBytes: Int = 512 << 10, _ body: @escaping @Sendable () -> Void) {
        // The kernel refuses a thread only when memory or process slots have run out; no host can start then.
        precondition(Self.start(name: name, stackBytes: stackBytes, body), "there can be no thread")
    }

    /// For those that a request calls for. False where the kernel refuses one.
    package static func start(
        name: StaticString, stackBytes: Int = 512 << 10, _ body: @escaping @Sendable () -> Void
    ) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        // Else its stack would stay until somebody joins it.
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
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
        if failure != 0 { start.release() }
        return failure == 0
    }

    private final class Start {
        let name: StaticString
        let body: @Sendable () -> Void
        init(_ name: StaticString, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
