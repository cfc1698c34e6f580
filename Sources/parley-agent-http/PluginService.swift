import Glibc
import JSONRPC
import Threads

/// The two ends of the connection to the host, with the plugin between them.
struct PluginService: Sendable {
    private let requests: AsyncStream<LineInput>.Continuation

    init(_ descriptors: ProtocolDescriptors) {
        let output = Output(descriptor: descriptors.output)
        let plugin = Plugin(output)
        let (stream, requests) = AsyncStream<LineInput>.makeStream()
        self.requests = requests
        _ = LineReader(descriptor: descriptors.input, limit: Self.longestLine) { input in
            if case .end = input { Self.leaveSoon() }
            requests.yield(input)
        }
        Task {
            for await input in stream {
                switch input {
                case .lines(let batch): await plugin.receive(batch)
                case .end:
                    await plugin.cancelAll()
                    Self.leave(behind: output)
                }
            }
        }
    }

    /// As the end of the input.
    func end() {
        Self.leaveSoon()
        requests.yield(.end(failure: nil))
    }

    /// Bytes of a line that is taken: a long history in a request.
    private static let longestLine = 64 << 20

    /// Ends the process when the last answers are written.
    private static func leave(behind output: Output) {
        _ = Thread(name: "leaving") {
            output.drain()
            _exit(0)
        }
    }

    /// Ends the process in any case within the second that it has: the host may read no more.
    private static func leaveSoon() {
        _ = Thread(name: "leaving-late") {
            usleep(700_000)
            _exit(0)
        }
    }
}

/// Says something to people: the host puts what comes on stderr into its log.
func log(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}
