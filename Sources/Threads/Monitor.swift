import Glibc

/// A value that several threads share, its lock, and the means to wait until the value changes.
///
/// Mutex of the standard library's Synchronization module has no condition variable; this is POSIX's pair of the two.
package final class Monitor<Value>: @unchecked Sendable {
    // Proof of Sendable: `value` is only touched between lock and unlock, and the three pointers never change.
    private var value: Value
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init(_ value: sending Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` with the lock held. `body` must not block and must not lock again.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// As `withLock`, and wakes one waiting thread afterwards.
    package func signalling<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_mutex_unlock(mutex)
            pthread_cond_signal(changed)
        }
        return body(&value)
    }

    /// As `withLock`, and wakes every waiting thread afterwards.
    package func broadcasting<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer {
            pthread_mutex_unlock(mutex)
            pthread_cond_broadcast(changed)
        }
        return body(&value)
    }

    /// Waits until `body` returns something. It is asked at once, and again at each wake-up.
    package func wait<Result>(until body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            pthread_cond_wait(changed, mutex)
        }
    }

    /// As `wait(until:)`, but gives up (nil) once the monotonic clock has reached `deadline`, in nanoseconds.
    /// The deadline is asked for anew before each sleep; nil means none.
    package func wait<Result>(
        deadline: (Value) -> Int64?, until body: (inout Value) -> Result?
    ) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            if let deadline = deadline(value) {
                var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
                if pthread_cond_timedwait(changed, mutex, &time) == ETIMEDOUT { return body(&value) }
            } else {
                pthread_cond_wait(changed, mutex)
            }
        }
    }
}
