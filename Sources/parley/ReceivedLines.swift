import JSONRPC
import Threads

/// Keeps the lines of a host in this process until they are asked for.
final class ReceivedLines: LineSink {
    private let lines = Monitor<[[UInt8]]>([])

    func send(_ lines: [UInt8]) -> Bool {
        let split = lines.split(separator: 0x0A).map(Array.init)
        self.lines.broadcasting { $0 += split }
        return true
    }

    func isIdle() -> Bool { true }

    /// The next line; waits for it.
    func next() -> [UInt8] {
        lines.wait { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// All that there are by now.
    func take() -> [[UInt8]] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }
}
