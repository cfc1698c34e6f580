import JSONRPC
import Jansson
import Synchronization
import Threads

/// A program that stays and answers requests: docs/plugins.md. It is started when it is first needed, and again when it
/// has ended. Safe on any thread.
package final class Plugin: Sendable {
    /// What comes of a call: pieces perhaps, then one of the others.
    enum Answer: Sendable {
        case piece(ReplyPiece)
        case result(JSON)
        case failed(AgentFailure)
    }

    struct Call: Sendable {
        let method: Text
        /// The request, until it is sent.
        var line: [UInt8]
        /// What its pieces carry.
        let executionId: Text?
        let report: @Sendable (Answer) -> Void
    }

    struct State {
        var standing = AgentStanding.State.idle
        var capabilities: [Text] = []
        var process: PluginProcess?
        /// Unanswered, by the id of the request.
        var calls: [Int: Call] = [:]
        /// Of those, the ones that wait for the process to be ready, in order.
        var unsent: [Int] = []
        var executions: [Text: Int] = [:]
        /// Cancelled, and not answered yet, each with how no answer is waited for any more.
        var cancelled: [Int: @Sendable () -> Void] = [:]
        /// Requests so far, of all processes.
        var requests = 0
        /// Processes so far that ended one behind the other without having answered anything.
        var failures = 0
    }

    let name: Text
    let program: Program
    let settings: JSONFragment
    let environment: any AgentEnvironment
    let state = Monitor(State())

    /// - Parameters:
    ///   - name: what it is called in errors and in the log.
    ///   - settings: an object that it is told at its start.
    package init(
        name: Text, program: Program, settings: JSONFragment = .emptyObject, environment: any AgentEnvironment
    ) {
        self.name = name
        self.program = program
        self.settings = settings
        self.environment = environment
    }

    package var standing: AgentStanding {
        state.withLock { AgentStanding(state: $0.standing, capabilities: $0.capabilities) }
    }

    /// Asks it something.
    ///
    /// - Parameter report: called from any thread, at last with a result or a failure, unless the function that this
    ///   returns, which cancels the call, is called before.
    func call(
        _ method: StaticString, _ params: JSONFragment, executionId: Text? = nil,
        report: @escaping @Sendable (Answer) -> Void
    ) -> @Sendable () -> Void {
        environment.programsAtWork(1)
        let number = state.withLock { state -> Int? in
            state.requests += 1
            let number = state.requests
            var call = Call(
                method: Text(stringLiteral: method), line: Self.request(method, id: number, params),
                executionId: executionId, report: report)
            if state.standing == .ready, let process = state.process {
                if !state.capabilities.contains(call.method) { return nil }
                process.send(call.line)
                call.line = []
            } else {
                state.unsent.append(number)
                if state.standing == .idle { start(&state) }
            }
            state.calls[number] = call
            if let executionId { state.executions[executionId] = number }
            return number
        }
        guard let number else {
            report(.failed(notOffered(Text(stringLiteral: method))))
            environment.programsAtWork(-1)
            return {}
        }
        return { self.cancel(number) }
    }

    func notOffered(_ method: Text) -> AgentFailure {
        AgentFailure(
            .unavailable, "The plugin `\(name)` doesn't offer `\(method)`: its `capabilities` have no such name.")
    }

    private func cancel(_ number: Int) {
        let isUnsent = state.withLock { state in
            guard let call = state.calls.removeValue(forKey: number) else { return false }
            if let id = call.executionId { state.executions[id] = nil }
            if let place = state.unsent.firstIndex(of: number) {
                state.unsent.remove(at: place)
                return true
            }
            guard let process = state.process else { return false }
            process.send(Self.cancellation(of: number))
            state.cancelled[number] = expectAnswer(to: number, of: process)
            return false
        }
        if isUnsent { environment.programsAtWork(-1) }
    }

    /// Seconds that a process has for any line after a cancel.
    private static let cancelSeconds = 10.0

    /// A process that neither answers what was cancelled nor writes anything else is stuck.
    private func expectAnswer(to number: Int, of process: PluginProcess) -> @Sendable () -> Void {
        let heard = process.linesHeard
        return environment.after(seconds: Self.cancelSeconds) {
            let isStuck = self.state.withLock { state in
                state.process === process && state.cancelled[number] != nil && process.linesHeard == heard
            }
            if isStuck {
                self.give(up: process, "gave no sign of life for \(Int(Self.cancelSeconds)) s after a cancel")
            }
        }
    }

    // MARK: Lines

    static func request(_ method: StaticString, id: Int, _ params: JSONFragment) -> [UInt8] {
        var writer = JSONWriter()
        writer.reserve(params.bytes.count + 96)
        writer.verbatim("{\"jsonrpc\":\"2.0\",\"id\":")
        writer.integer(id)
        writer.key("method")
        writer.string(method.description)
        writer.key("params")
        writer.value(params)
        writer.endObject()
        writer.endLine()
        return writer.take()
    }

    private static func cancellation(of number: Int) -> [UInt8] {
        Array("{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":\(number)}}\n".utf8)
    }
}
