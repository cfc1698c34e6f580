import Conversations
import Glibc

/// Where the host's time comes from.
package protocol HostClock: Sendable {
    /// The time of day.
    func now() -> Timestamp
    /// Nanoseconds since some moment; never goes back.
    func monotonic() -> Int64
    /// An input is being taken: a line, or what came of asking an agent.
    func tick()
    /// Nothing can be done before that moment of `monotonic`. Whether it is there now, so that nobody need wait for it.
    func skip(to deadline: Int64) -> Bool
    /// Whether a line is taken only when nothing else can be done, so that how the input is cut makes no difference.
    var isVirtual: Bool { get }
}

extension HostClock {
    package func tick() {}
    package func skip(to deadline: Int64) -> Bool { false }
    package var isVirtual: Bool { false }
}

package struct SystemClock: HostClock {
    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package func monotonic() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
