import Agents
import Glibc
import JSONRPC
import Jansson
import Synchronization
import Threads

/// One process of the plugin that is tried out: started as hosts start it, and heard line by line. Whoever asks waits.
final class PluginRun: Sendable {
    /// Bytes of a line that hosts take.
    private static let lineBytes = 16 << 20
    /// Nanoseconds that a plugin has to leave.
    private static let second: Int64 = 1_000_000_000
    /// Bytes that are kept of its stderr.
    static let errorBytes = 4096

    private struct State {
        var ledger = Ledger()
        var framer = LineFramer(limit: PluginRun.lineBytes)
        var errors: [UInt8] = []
        /// On the monotonic clock: the last line that was heard.
        var lastLine: Int64 = 0
        var hasClosedOutput = false
        /// Whether its group is looked at when it ends.
        var isWatched = false
        var hasLeft = false
        var leftovers: [String] = []
        var end: ProgramEnd?
    }

    private let state = Monitor(State())
    private let running = Mutex<RunningProgram?>(nil)
    private let requests = Mutex(0)

    init(_ program: Program, in programs: Programs) {
        let observer = ProgramObserver(
            output: { self.hear($0) },
            error: { bytes in
                self.state.withLock {
                    $0.errors = Array(($0.errors + bytes.suffix(Self.errorBytes)).suffix(Self.errorBytes))
                }
            },
            outputEnded: { self.state.broadcasting { $0.hasClosedOutput = true } },
            leaderEnded: { self.leaderEnded(group: $0) },
            ended: { self.ended($0) })
        // What it says at once waits for this, so that it can be answered.
        running.withLock { $0 = programs.start(program, observer: observer) }
    }

    /// What became of it, behind "the plugin"; nil while it can answer.
    var end: String? { state.withLock { $0.end?.sentence ?? ($0.hasClosedOutput ? "closed its stdout" : nil) } }
    /// Why it could not be started; nil where it could.
    var startFailure: AgentFailure? {
        state.withLock { state in
            if case .notStarted(let failure) = state.end { failure } else { nil }
        }
    }
    var ledger: Ledger { state.withLock { $0.ledger } }
    var errors: [UInt8] { state.withLock { $0.errors } }
    func takeStrays(from count: Int) -> [String] { state.withLock { $0.ledger.takeStrays(from: count) } }

    // MARK: Asking

    /// What is written to it at once.
    struct Lines {
        fileprivate(set) var bytes: [UInt8] = []
        fileprivate let run: PluginRun

        /// Adds a request.
        ///
        /// - Parameter hasMore: whether it has members that the plugin can't know.
        /// - Returns: its id.
        @discardableResult
        mutating func ask(
            _ method: String, _ params: JSONFragment, id: Int? = nil, executionId: Text? = nil, hasMore: Bool = false
        ) -> Int {
            let id = id ?? run.nextID()
            run.state.withLock { $0.ledger.ask(id, executionId: executionId) }
            add([("id", .integer(id)), ("method", .string(method)), ("params", params)], hasMore)
            return id
        }

        mutating func notify(_ method: String, _ params: JSONFragment) {
            add([("method", .string(method)), ("params", params)], false)
        }

        mutating func cancel(_ id: Int) {
            run.state.withLock { $0.ledger.cancel(id) }
            notify("$/cancelRequest", .object([("id", .integer(id))]))
        }

        /// Cancels what was answered long ago: `initialize` always has the id 1.
        mutating func cancelAnswered() { notify("$/cancelRequest", .object([("id", .integer(1))])) }

        private mutating func add(_ members: [JSONFragment.Member], _ hasMore: Bool) {
            let message = JSONFragment.object([("jsonrpc", .string("2.0"))] + members)
            bytes += (hasMore ? message.withMoreMembers : message).bytes + [0x0A]
        }
    }

    func send<Result>(_ make: (inout Lines) -> Result) -> Result {
        var lines = Lines(run: self)
        let result = make(&lines)
        _ = running.withLock { $0 }?.send(lines.bytes)
        return result
    }

    private func nextID() -> Int {
        requests.withLock { requests in
            requests += 1
            return requests
        }
    }

    /// What comes of waiting for an answer.
    enum Reply {
        case answer(Ledger.Answer)
        /// No answer comes any more. What happened instead, behind "the plugin".
        case nothing(String)
    }

    /// Waits for the answer to a request: so many seconds from now, and from each line on that comes meanwhile, but at
    /// most six times that.
    func reply(to id: Int, patience: Double) -> Reply {
        let start = Self.now
        let pause = Int64(patience * 1e9)
        let found: Reply? = state.wait(
            deadline: { state in min(start + 6 * pause, max(start, state.lastLine) + pause) },
            until: { state in
                if let answer = state.ledger.answer(to: id) { return .answer(answer) }
                return state.end.map { .nothing("\($0.sentence) instead of answering") }
            })
        if let found { return found }
        return state.withLock { state in
            if state.hasClosedOutput { return .nothing("closed its stdout") }
            let rest = state.framer.finish().map { String(decoding: $0.bytes.prefix(600), as: UTF8.self).excerpt }
            let hint = rest.map { "; it wrote `\($0)` without a line end" } ?? ""
            return .nothing("did not answer within \(patience.seconds)\(hint)")
        }
    }

    // MARK: Its end

    /// How it left.
    enum Leaving {
        case left(ProgramEnd, leftovers: [String])
        /// It was still there when its time was over.
        case stayed
    }

    /// Ends its input.
    func endInput() -> Leaving {
        state.withLock { $0.isWatched = true }
        running.withLock { $0 }?.endInput()
        return leaving()
    }

    /// Sends SIGTERM to its group.
    func terminate() -> Leaving {
        running.withLock { $0 }?.stop(.firmly)
        return leaving()
    }

    private func leaving() -> Leaving {
        let deadline = Self.now + Self.second
        let hasLeft = state.wait(deadline: { _ in deadline }, until: { $0.hasLeft || $0.end != nil ? () : nil }) != nil
        if !hasLeft {
            kill()
            return .stayed
        }
        return state.wait { state in state.end.map { .left($0, leftovers: state.leftovers) } }
    }

    /// Kills it, where it still runs, and waits until it is gone.
    func kill() {
        running.withLock { $0 }?.stop(.atOnce)
        state.wait { $0.end.map { _ in () } }
    }

    // MARK: Its thread

    private func hear(_ bytes: [UInt8]) {
        let refusals = state.broadcasting { state -> [[UInt8]] in
            let batch = state.framer.take(space: bytes.count) { space in
                space.copyBytes(from: bytes)
                return bytes.count
            }
            guard let batch else { return [] }
            state.lastLine = Self.now
            return batch.lines.compactMap { line in
                switch line {
                case .tooLong:
                    state.ledger.hearTooLongLine(Self.lineBytes)
                    return nil
                case .text(let range): return state.ledger.hear(batch.bytes[range])
                }
            }
        }
        for refusal in refusals { _ = running.withLock { $0 }?.send(refusal) }
    }

    /// What it started may need a moment to notice that it is gone.
    private func leaderEnded(group: pid_t) {
        let isWatched = state.broadcasting { state in
            state.hasLeft = true
            return state.isWatched
        }
        if !isWatched { return }
        let deadline = Self.now + Self.second
        var leftovers = ProcessGroup.members(of: group)
        while !leftovers.isEmpty, Self.now < deadline {
            usleep(10_000)
            leftovers = ProcessGroup.members(of: group)
        }
        state.withLock { [leftovers] in $0.leftovers = leftovers }
    }

    private func ended(_ end: ProgramEnd) {
        state.broadcasting { state in
            state.end = end
            guard state.isWatched, case .exited(0) = end, let rest = state.framer.finish() else { return }
            let line = String(decoding: rest.bytes.prefix(600), as: UTF8.self).excerpt
            state.ledger.note(.stdout, "Its last line, `\(line)`, has no line end, so that nobody reads it.")
        }
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Double {
    /// "10 s"
    var seconds: String { (self == rounded() ? String(Int(clamping: Int64(self))) : String(self)) + " s" }
}
