import CProcesses
import JSONRPC
import Jansson
import Synchronization

/// One process of a plugin, and what is heard of it.
final class PluginProcess: Sendable {
    /// Bytes of a line that it may write.
    static let lineBytes = 16 << 20

    private struct Heard {
        var framer = LineFramer(limit: PluginProcess.lineBytes)
        var errors: ErrorOutput
        var lines = 0
        var hasServed = false
        /// A line that was no message, and was passed over.
        var noise: Text?
        var warnings = 0
        /// Whether nobody listens any more.
        var isOver = false
    }

    /// The id of its first request.
    let initialize: Int
    private let plugin: Plugin
    private let heard: Mutex<Heard>
    private let running = Mutex<RunningProgram?>(nil)
    private let isFlushDue = Atomic(false)
    /// How a time-out is cancelled that would end it.
    private let timeout = Mutex<(@Sendable () -> Void)?>(nil)

    init(_ plugin: Plugin, initialize: Int) {
        self.plugin = plugin
        self.initialize = initialize
        heard = Mutex(Heard(errors: ErrorOutput(of: plugin.name, to: plugin.environment.log)))
    }

    func start(_ firstLine: [UInt8]) {
        plugin.program.warnOfMissingVariables(for: plugin.name, plugin.environment.log)
        let observer = ProgramObserver(
            output: { self.hear($0) },
            error: { bytes in self.heard.withLock { $0.errors.add(bytes) } },
            outputEnded: { self.closed("stdout") },
            inputRefused: { self.closed("stdin") },
            ended: { self.ended($0) })
        guard let running = plugin.environment.programs.start(plugin.program, observer: observer) else {
            // Not here and now: who starts it is in the middle of something.
            _ = plugin.environment.after(seconds: 0) { self.ended(.notStarted(.noThread)) }
            return
        }
        self.running.withLock { $0 = running }
        _ = running.send(firstLine)
    }

    /// - Parameter hasWaited: whether the line waited for the process to be ready.
    func send(_ line: [UInt8], hasWaited: Bool = false) {
        guard let running = running.withLock({ $0 }) else { return }
        switch running.collect(line, isExcused: hasWaited) {
        case .begun: return
        case .collected:
            if !isFlushDue.exchange(true, ordering: .acquiringAndReleasing) {
                plugin.environment.afterThis {
                    self.isFlushDue.store(false, ordering: .releasing)
                    running.flush()
                }
            }
            return
        case .refused: break
        }
        // Not here and now: who sends is in the middle of something.
        _ = plugin.environment.after(seconds: 0) {
            self.plugin.give(up: self, "doesn't read: \(RunningProgram.waitingBytes) bytes wait for it")
        }
    }

    func stop(_ stop: RunningProgram.Stop) { running.withLock { $0 }?.stop(stop) }

    /// Something is expected of it, until this is cancelled.
    func isAwaited(until timeout: @escaping @Sendable () -> Void) {
        let before = self.timeout.withLock { current in
            defer { current = timeout }
            return current
        }
        before?()
    }

    func isAwaitedNoMore() {
        let timeout = timeout.withLock { timeout in
            defer { timeout = nil }
            return timeout
        }
        timeout?()
    }

    // MARK: What was heard

    var linesHeard: Int { heard.withLock { $0.lines } }
    var hasServed: Bool { heard.withLock { $0.hasServed } }
    /// It was given up: what it still writes is not looked at.
    func noteOver() { heard.withLock { $0.isOver = true } }
    func noteServed() { heard.withLock { $0.hasServed = true } }

    /// What goes with an error of it: the end of its stderr.
    var details: [(name: Text, value: JSONFragment)] {
        let tail = heard.withLock { $0.errors.tail }
        return tail.isEmpty ? [] : [("stderr", .string(tail))]
    }

    /// Says in the log what it does wrong, but not for ever.
    func warn(_ sentence: String) {
        let count = heard.withLock { heard in
            heard.warnings += 1
            return heard.warnings
        }
        if count <= 10 { plugin.environment.log.warning("the plugin `\(plugin.name)` \(sentence)") }
    }

    // MARK: Its thread

    private func hear(_ bytes: [UInt8]) {
        let batch = heard.withLock { heard in
            heard.isOver
                ? nil
                : heard.framer.take(space: bytes.count) { space in
                    space.copyBytes(from: bytes)
                    return bytes.count
                }
        }
        guard let batch else { return }
        heard.withLock { $0.lines += batch.lines.count }
        for line in batch.lines {
            switch line {
            case .tooLong: plugin.give(up: self, "wrote a line of more than \(Self.lineBytes) bytes")
            case .text(let range): take(batch.bytes[range])
            }
        }
    }

    private func take(_ line: ArraySlice<UInt8>) {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        switch PluginMessage(line) {
        case .answer(let number, let answer): plugin.take(answer, to: number, from: self)
        case .piece(let piece, let executionId): plugin.take(piece, of: executionId, from: self)
        case .request(let refusal): send(refusal)
        case .other: break
        case .noise(let reason): hear(noise: Text(utf8: Array(line.prefix(200))), reason)
        }
    }

    private func hear(noise: Text, _ reason: String) {
        let isFirst = heard.withLock { heard in
            defer { heard.noise = heard.noise ?? noise }
            return heard.noise == nil
        }
        let sentence =
            "wrote on stdout `\(noise)`, which is no message: \(reason); what people should see belongs on stderr"
        if isFirst { warn(sentence) } else { plugin.give(up: self, sentence) }
    }

    /// As a rule it ends now, and then its status tells more than this.
    private func closed(_ end: StaticString) {
        isAwaited(
            until: plugin.environment.after(seconds: 1) {
                self.plugin.give(up: self, "closed its \(end), so it can answer nothing more")
            })
    }

    private func ended(_ end: ProgramEnd) {
        heard.withLock { $0.errors.finishLine() }
        if case .notStarted(let failure) = end {
            plugin.end(self, AgentFailure(failure.kind, "The plugin `\(plugin.name)`: \(failure.message)"))
        } else {
            plugin.end(
                self, AgentFailure(.failed, "The plugin `\(plugin.name)` \(end.sentence).", end.details + details))
        }
    }
}

extension ProgramEnd {
    /// What became of it, behind its name.
    package var sentence: String {
        switch self {
        case .exited(let status): "ended with status \(status)"
        case .killed(let signal): "was killed by \(Self.name(of: signal))"
        case .notStarted(let failure): failure.message
        }
    }

    var details: [(name: Text, value: JSONFragment)] {
        switch self {
        case .exited(let status): [("exitStatus", .integer(Int(status)))]
        case .killed(let signal): [("signal", .string(Self.name(of: signal)))]
        case .notStarted: []
        }
    }

    private static func name(of signal: Int32) -> String {
        linux_signal_name(signal).map { "SIG" + String(cString: $0) } ?? "signal \(signal)"
    }
}
