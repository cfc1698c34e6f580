import JSONRPC
import Jansson
import Synchronization

/// A command that is run for each turn: it reads the request, and what it writes is the reply.
package final class ExecAgent: Agent {
    private let id: Text
    private let program: Program
    private let environment: any AgentEnvironment
    private let hasRun = Mutex(false)

    package init(id: Text, program: Program, environment: any AgentEnvironment) {
        self.id = id
        self.program = program
        self.environment = environment
    }

    package var kind: AgentKind { .exec }
    package var needs: AgentNeeds { .everything }

    package func execute(
        _ request: AgentRequest, report: @escaping @Sendable (AgentReport) -> Void
    ) -> AgentExecution {
        let isFirst = hasRun.withLock { hasRun in
            defer { hasRun = true }
            return !hasRun
        }
        if isFirst { program.warnOfMissingVariables(for: id, environment.log) }
        let run = CommandRun(id, environment, report)
        environment.programsAtWork(1)
        guard let running = environment.programs.start(program, observer: run.observer) else {
            environment.programsAtWork(-1)
            return .finished(.failed(.noThread))
        }
        run.running.withLock { $0 = running }
        var writer = JSONWriter()
        writer.execution(request, by: id)
        writer.endLine()
        // A request is smaller than what may wait for a program, or it could not have been read.
        _ = running.send(writer.take())
        running.endInput()
        return .running { running.stop(.firmly) }
    }
}

/// One run of a command.
private final class CommandRun: Sendable {
    private struct Heard {
        var reply = ReplyReader()
        var errors: ErrorOutput
        /// Whether it was told how the run ended.
        var hasEnded = false
    }

    let running = Mutex<RunningProgram?>(nil)
    private let id: Text
    private let environment: any AgentEnvironment
    private let report: @Sendable (AgentReport) -> Void
    private let heard: Mutex<Heard>

    init(_ id: Text, _ environment: any AgentEnvironment, _ report: @escaping @Sendable (AgentReport) -> Void) {
        self.id = id
        self.environment = environment
        self.report = report
        heard = Mutex(Heard(errors: ErrorOutput(of: id, to: environment.log)))
    }

    var observer: ProgramObserver {
        ProgramObserver(
            output: { self.take($0) },
            error: { bytes in self.heard.withLock { $0.errors.add(bytes) } },
            outputEnded: {},
            ended: { self.ended($0) })
    }

    private func take(_ bytes: [UInt8]) {
        let piece = heard.withLock { $0.reply.add(bytes) }
        if let piece { report(.piece(ReplyPiece(.text, piece))) }
        if heard.withLock({ $0.reply.count }) <= ReplyPiece.bound { return }
        end(AgentFailure(.failed, "The command of `\(id)` wrote more than \(ReplyPiece.bound) bytes."))
        running.withLock { $0 }?.stop(.atOnce)
    }

    private func ended(_ end: ProgramEnd) {
        let (reply, errors) = heard.withLock { heard in
            heard.errors.finishLine()
            return (heard.reply.finish(), heard.errors.tail)
        }
        switch end {
        case .exited(0): self.end(.replied(AgentReply(response: reply)))
        case .notStarted(let failure):
            self.end(AgentFailure(failure.kind, "The agent `\(id)`: \(failure.message)"))
        case .exited, .killed:
            let details = end.details + (errors.isEmpty ? [] : [("stderr", .string(errors))])
            self.end(AgentFailure(.failed, "The command of `\(id)` \(end.sentence).", details))
        }
        environment.programsAtWork(-1)
    }

    private func end(_ failure: AgentFailure) { end(.failed(failure)) }

    private func end(_ outcome: AgentOutcome) {
        let isFirst = heard.withLock { heard in
            defer { heard.hasEnded = true }
            return !heard.hasEnded
        }
        if isFirst { report(.ended(outcome)) }
    }
}

/// What a command writes, as the pieces of its reply: whole characters of UTF-8, without the line ends at its end.
struct ReplyReader {
    /// Told as pieces.
    private var told: [UInt8] = []
    /// Line ends that may be the last ones, and a character that is not whole.
    private var held: [UInt8] = []
    /// Whether they are line ends alone, so that they need not be looked at again when more come.
    private var holdsEndsAlone = true

    /// Bytes so far.
    var count: Int { told.count + held.count }

    /// What can be told now; nil where that is nothing.
    mutating func add(_ bytes: [UInt8]) -> Text? {
        held += bytes
        holdsEndsAlone = holdsEndsAlone && bytes.allSatisfy { $0 == 0x0A || $0 == 0x0D }
        if holdsEndsAlone { return nil }
        var end = held.count - Self.unfinished(held)
        while end > 0, held[end - 1] == 0x0A || held[end - 1] == 0x0D { end -= 1 }
        if end == 0 { return nil }
        let piece = Self.repaired(held[..<end])
        held.removeFirst(end)
        holdsEndsAlone = held.allSatisfy { $0 == 0x0A || $0 == 0x0D }
        told += piece.utf8
        return piece
    }

    /// The whole reply.
    func finish() -> Text {
        var rest = held[...]
        while let last = rest.last, last == 0x0A || last == 0x0D { rest.removeLast() }
        return Text(utf8: told + Self.repaired(rest).utf8)
    }

    /// How many bytes at the end begin a character that needs more.
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        for (count, byte) in bytes.suffix(3).reversed().enumerated() {
            switch byte {
            case 0x80...0xBF: continue
            case 0xC2...0xDF: return count < 1 ? count + 1 : 0
            case 0xE0...0xEF: return count < 2 ? count + 1 : 0
            case 0xF0...0xF4: return count < 3 ? count + 1 : 0
            default: return 0
            }
        }
        return 0
    }

    /// Anything that is no UTF-8 becomes U+FFFD.
    private static func repaired(_ bytes: ArraySlice<UInt8>) -> Text { Text(String(decoding: bytes, as: UTF8.self)) }
}
