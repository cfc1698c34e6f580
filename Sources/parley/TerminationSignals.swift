import Glibc
import ParleyHost
import Threads

/// SIGTERM, SIGINT and SIGHUP: the first one cancels turns and lets the host drain, so that what was said so far is
/// kept; the second leaves at once.
struct TerminationSignals {
    private let signals: sigset_t

    /// Must come before the first thread is made: threads inherit the mask.
    init() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        self.signals = signals
    }

    /// Has them end a host.
    func end(_ loop: HostLoop) {
        _ = Thread(name: "parley-signals", stackBytes: 128 << 10) { [signals] in
            var signals = signals
            var number: Int32 = 0
            sigwait(&signals, &number)
            loop.post { $0.terminate() }
            sigwait(&signals, &number)
            _exit(128 + number)
        }
    }
}
