import Glibc
import Testing
import Threads

/// How long a test waits for what never comes before it fails.
enum Patience {
    /// On the monotonic clock, in nanoseconds.
    static func deadline() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec + 60) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Monitor where Value: Sendable {
    /// Waits until the value is as it should be, and answers with it.
    func value(
        at location: SourceLocation = #_sourceLocation, when isThere: (Value) -> Bool
    ) throws -> Value {
        let deadline = Patience.deadline()
        let value = wait(deadline: { _ in deadline }, until: { isThere($0) ? $0 : nil })
        return try #require(value, "it never came: \(withLock { $0 })", sourceLocation: location)
    }
}
