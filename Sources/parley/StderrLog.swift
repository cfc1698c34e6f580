import DequeModule
import Glibc
import Logging
import Threads

/// The log, on stderr, by a thread of its own: a parent that never reads stderr must not hold the host up. Past a
/// thousand lines that nobody takes, new ones are dropped and counted.
final class StderrLog: Sendable {
    private struct State {
        var lines: Deque<String> = []
        var dropped = 0
        var isWriting = false
        var hasThread = false
    }

    private static let bound = 1000
    private let state = Monitor(State())

    var handler: any LogHandler { Handler(log: self) }

    fileprivate func add(_ line: String) {
        let startsThread = state.broadcasting { state in
            if state.lines.count < Self.bound {
                state.lines.append(line)
            } else {
                state.dropped += 1
            }
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if startsThread {
            _ = Thread(name: "parley-log") { [state] in
                while true {
                    let line = state.wait { state -> String? in
                        guard let line = state.lines.popFirst() else { return nil }
                        defer { state.dropped = 0 }
                        state.isWriting = true
                        return state.dropped > 0 ? "\(line)\n(\(state.dropped) lines of the log were dropped)" : line
                    }
                    Self.write(line + "\n")
                    state.broadcasting { $0.isWriting = false }
                }
            }
        }
    }

    /// Waits until all lines are out, at most a tenth of a second.
    func flush() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let deadline = Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec) + 100_000_000
        _ = state.wait(deadline: { _ in deadline }, until: { $0.lines.isEmpty && !$0.isWriting ? () : nil })
    }

    private static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let count = Glibc.write(2, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            }
        }
    }

    private struct Handler: LogHandler {
        let log: StderrLog
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.add("parley: \(event.level): \(event.message)")
        }
    }
}
