import JSONRPC
import Jansson

/// How a plugin's process begins and ends.
extension Plugin {
    /// Seconds that a process has to answer `initialize`: some load a model first.
    private static let startSeconds = 60.0

    /// Starts a process; what waits is sent when it is ready.
    func start(_ state: inout State) {
        state.standing = .starting
        state.requests += 1
        let process = PluginProcess(self, initialize: state.requests)
        state.process = process
        process.isAwaited(
            until: environment.after(seconds: Self.startSeconds) {
                let isLate = self.state.withLock { $0.process === process && $0.standing == .starting }
                let sentence = "did not answer `initialize` within \(Int(Self.startSeconds)) s"
                if isLate { self.give(up: process, sentence, kind: .timeout) }
            })
        process.start(initialization(id: state.requests))
    }

    private func initialization(id: Int) -> [UInt8] {
        Self.request(
            "initialize", id: id,
            JSONFragment { writer in
                writer.beginObject()
                writer.key("protocolVersion")
                writer.string("parley-plugin/1")
                writer.key("host")
                writer.beginObject()
                writer.key("name")
                writer.string("parley")
                writer.key("version")
                writer.string(environment.version)
                writer.endObject()
                writer.key("settings")
                writer.value(settings)
                writer.endObject()
            })
    }

    /// `initialize` was answered: what waited is sent.
    private func began(_ process: PluginProcess, _ answer: Answer) {
        process.isAwaitedNoMore()
        switch answer {
        case .piece: break
        case .failed(let failure):
            end(
                process,
                AgentFailure(failure.kind, "The plugin `\(name)` can't begin: \(failure.message)", failure.details))
            process.stop(.gently)
        case .result(let result):
            guard let capabilities = Self.capabilities(in: result) else {
                give(
                    up: process,
                    "answered `initialize` with something else than {name, version, capabilities}: "
                        + "`\(JSONFragment(result).excerpt)`")
                return
            }
            for call in ready(process, capabilities) {
                call.report(.failed(notOffered(call.method)))
                environment.programsAtWork(-1)
            }
        }
    }

    /// What waited is sent. Answers with what it doesn't offer.
    private func ready(_ process: PluginProcess, _ capabilities: [Text]) -> [Call] {
        state.withLock { state in
            guard state.process === process else { return [] }
            state.standing = .ready
            state.capabilities = capabilities
            var refused: [Call] = []
            for number in state.unsent {
                guard let call = state.calls[number] else { continue }
                if capabilities.contains(call.method) {
                    process.send(call.line, hasWaited: true)
                    state.calls[number]?.line = []
                } else {
                    state.calls[number] = nil
                    if let id = call.executionId { state.executions[id] = nil }
                    refused.append(call)
                }
            }
            state.unsent = []
            return refused
        }
    }

    private static func capabilities(in result: JSON) -> [Text]? {
        guard result["name"]?.kind == .string, result["version"]?.kind == .string,
            let list = result["capabilities"], list.kind == .array
        else { return nil }
        let capabilities = list.elements.compactMap(\.text)
        return capabilities.count == list.count ? capabilities : nil
    }

    /// A process breaks the protocol, or is stuck: all that it was asked fails, and it is stopped.
    ///
    /// - Parameter sentence: what it did, behind its name.
    func give(up process: PluginProcess, _ sentence: String, kind: AgentFailure.Kind = .failed) {
        var details = process.details
        if kind == .timeout { details.append(("limit", .string("initialize"))) }
        end(process, AgentFailure(kind, "The plugin `\(name)` \(sentence).", details))
        process.stop(.firmly)
    }

    /// A process is of no more use: all that it was asked fails. The next call starts another one, after a pause where
    /// this one has answered nothing.
    func end(_ process: PluginProcess, _ failure: AgentFailure) {
        let ended = state.withLock { state -> (calls: [Call], cancelled: [@Sendable () -> Void])? in
            guard state.process === process else { return nil }
            state.process = nil
            let calls = state.calls.sorted { $0.key < $1.key }.map(\.value)
            let cancelled = Array(state.cancelled.values)
            state.calls = [:]
            state.unsent = []
            state.executions = [:]
            state.cancelled = [:]
            state.capabilities = []
            // What could not even be started costs nothing to try again.
            state.failures = process.hasServed || failure.kind == .unavailable ? 0 : state.failures + 1
            state.standing = .idle
            if state.failures > 0 { rest(&state) }
            return (calls, cancelled)
        }
        process.isAwaitedNoMore()
        process.noteOver()
        guard let ended else { return }
        if !environment.programs.isClosed { environment.log.warning("\(failure.message)") }
        for waitNoMore in ended.cancelled { waitNoMore() }
        for call in ended.calls { call.report(.failed(failure)) }
        // Only now: a virtual time must not pass between an end and the word of it.
        environment.programsAtWork(-ended.calls.count - ended.cancelled.count)
    }

    /// Has those who come now wait, for longer each time.
    private func rest(_ state: inout State) {
        state.standing = .resting
        let pause = min(30, 0.25 * Double(1 << min(state.failures - 1, 7)))
        _ = environment.after(seconds: pause) {
            self.state.withLock { state in
                guard state.standing == .resting else { return }
                state.standing = .idle
                if !state.unsent.isEmpty { self.start(&state) }
            }
        }
    }

    // MARK: What the process says

    /// An answer to a request.
    func take(_ answer: Answer, to number: Int, from process: PluginProcess) {
        if number == process.initialize, state.withLock({ $0.process === process && $0.standing == .starting }) {
            began(process, answer)
            return
        }
        process.noteServed()
        let found = state.withLock { state -> Found in
            guard state.process === process else { return .late }
            if let waitNoMore = state.cancelled.removeValue(forKey: number) { return .cancelled(waitNoMore) }
            // A request that was not sent yet can't be answered.
            guard !state.unsent.contains(number), let call = state.calls.removeValue(forKey: number) else {
                return .unknown
            }
            if let id = call.executionId { state.executions[id] = nil }
            return .call(call)
        }
        switch found {
        case .call(let call):
            call.report(answer)
            environment.programsAtWork(-1)
        case .cancelled(let waitNoMore):
            waitNoMore()
            environment.programsAtWork(-1)
        case .unknown: process.warn("answers the request \(number), which it was not asked or has answered before")
        case .late: break
        }
    }

    /// What an answer is to.
    private enum Found {
        case call(Call)
        case cancelled(@Sendable () -> Void)
        case unknown
        /// Its process was given up, and what it was asked has failed.
        case late
    }

    /// A piece of a reply. One of an execution that is over, or never was, is passed over.
    func take(_ piece: ReplyPiece, of executionId: Text, from process: PluginProcess) {
        let call = state.withLock { state in
            state.process === process ? state.executions[executionId].flatMap { state.calls[$0] } : nil
        }
        call?.report(.piece(piece))
    }
}

extension JSONFragment {
    /// Its beginning, for a sentence.
    var excerpt: String {
        bytes.count <= 200
            ? String(decoding: bytes, as: UTF8.self) : String(decoding: bytes.prefix(200), as: UTF8.self) + "…"
    }
}
