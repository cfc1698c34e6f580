import Glibc

/// Ends a wait in which nothing moves, without a system call of its own on the measured path: a timer interrupts
/// whatever call is under way, and the waiting code counts interruptions since something moved.
struct Patience {
    private static let tick = 10
    private static let mostTicks = 3
    private var ticks = 0

    /// Once, at the start of the process. The handler does nothing and doesn't restart calls: they return EINTR.
    static func startTicking() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGALRM, &action, nil)
        var timer = itimerval(
            it_interval: timeval(tv_sec: tick, tv_usec: 0), it_value: timeval(tv_sec: tick, tv_usec: 0))
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
    }

    mutating func moved() {
        ticks = 0
    }

    /// To be called when a call was interrupted (`errno` still says so); throws when that was once too often.
    mutating func interrupted() throws {
        if errno == EAGAIN { return }
        guard errno == EINTR else { throw Failure("waiting", errno: errno) }
        ticks += 1
        if ticks >= Patience.mostTicks {
            throw Failure("nothing moved for \(Patience.tick * (Patience.mostTicks - 1)) seconds")
        }
    }
}

enum Clock {
    /// Seconds, from a clock that only runs forward.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
