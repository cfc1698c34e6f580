import Conversations
import Jansson
import Journal
import Synchronization

/// What makes the same input give the same bytes: another clock, other ids, and no threads.
extension HostOptions {
    static let versionForTranscripts = "0.0.0"

    /// - Parameter clock: the host's loop has the same.
    package static func deterministic(_ clock: VirtualClock, _ store: StoreDirectory) throws(StoreError) -> HostOptions
    {
        var options = HostOptions()
        options.clock = clock
        options.identifiers = SequentialIdentifiers(taken: try store.sequentialIdentifiers())
        options.isInOrder = true
        options.workers = 0
        options.pid = 0
        options.version = versionForTranscripts
        return options
    }
}

/// A clock that begins with 2026, goes a millisecond with each input, and otherwise only moves when it is told to.
package final class VirtualClock: HostClock {
    private struct State {
        var inputs: Int64 = 0
        var nanoseconds: Int64 = 0
    }

    private let state = Mutex(State())
    private let skips: Bool

    /// 2026-01-01T00:00:00.000Z
    private static let start: Int64 = 1_767_225_600_000

    /// - Parameter skips: whether it is at the next moment that anything waits for as soon as nothing else can be done.
    package init(skips: Bool) { self.skips = skips }

    package func now() -> Timestamp {
        state.withLock { Timestamp(milliseconds: Self.start + $0.inputs + $0.nanoseconds / 1_000_000) }
    }

    /// Inputs take no time, so what is measured is only what was waited for.
    package func monotonic() -> Int64 { state.withLock { $0.nanoseconds } }

    package var isVirtual: Bool { true }

    package func tick() { state.withLock { $0.inputs += 1 } }

    package func skip(to deadline: Int64) -> Bool {
        if skips { advance(to: deadline) }
        return skips
    }

    /// It is that moment of `monotonic` now, unless it is later already.
    package func advance(to moment: Int64) {
        state.withLock { $0.nanoseconds = max($0.nanoseconds, moment) }
    }
}

/// Ids that count: `msg_000001`, leaving out those that the store has.
struct SequentialIdentifiers: IdentifierSource {
    private var taken: Set<Text>
    private var made: [String: Int] = [:]

    init(taken: Set<Text>) { self.taken = taken }

    mutating func exclude(_ ids: () -> Set<Text>) { taken.formUnion(ids()) }

    mutating func next(_ kind: IdentifierKind, at time: Timestamp) -> Text {
        let prefix = kind.prefix.description
        while true {
            let number = made[prefix, default: 0] + 1
            made[prefix] = number
            let digits = String(number)
            let id = Text(prefix + String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits)
            if !taken.contains(id) { return id }
        }
    }
}
