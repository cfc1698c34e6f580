import Conversations
import Jansson
import ParleyHost
import Synchronization

/// A clock that stands still until a test moves it.
final class FakeClock: HostClock {
    static let start: Int64 = 1_767_225_600_000

    /// Far ahead of the machine's own monotonic clock, so that a loop which waits for a moment of this one sleeps.
    private let nanoseconds = Mutex<Int64>(4_000_000_000_000_000_000)
    private let origin: Int64 = 4_000_000_000_000_000_000

    func now() -> Timestamp { Timestamp(milliseconds: Self.start + (monotonic() - origin) / 1_000_000) }

    func monotonic() -> Int64 { nanoseconds.withLock { $0 } }

    func advance(seconds: Double) { nanoseconds.withLock { $0 += Int64(seconds * 1e9) } }
}

/// Ids that count up: `conv_1`, `msg_2`.
struct CountingIdentifiers: IdentifierSource {
    private var made: [String: Int] = [:]

    mutating func next(_ kind: IdentifierKind, at time: Timestamp) -> Text {
        let name =
            switch kind {
            case .conversation: "conv"
            case .message: "msg"
            case .turn: "turn"
            case .execution: "exec"
            }
        made[name, default: 0] += 1
        return Text("\(name)_\(made[name, default: 0])")
    }
}
