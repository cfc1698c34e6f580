import Jansson
import Synchronization

/// A plugin that the host asks about a user or a conversation, and that has so long to answer.
package struct Hook: Sendable {
    private let plugin: Plugin
    private let seconds: Double

    package init(plugin: Plugin, seconds: Double) {
        self.plugin = plugin
        self.seconds = seconds
    }

    /// What a question comes to that was cancelled.
    package static let cancelled = AgentFailure(.failed, "The question was cancelled.")

    /// Asks it. The function that this returns cancels the question, which is `answered` with `cancelled` then.
    ///
    /// - Parameter answered: called exactly once, from any thread.
    @discardableResult
    package func ask(
        _ method: StaticString, _ params: JSONFragment,
        answered: @escaping @Sendable (Result<JSON, AgentFailure>) -> Void
    ) -> @Sendable () -> Void {
        let question = Question(answered)
        let cancel = plugin.call(method, params) { answer in
            switch answer {
            case .piece: break
            case .result(let result): question.end(.success(result))
            case .failed(let failure): question.end(.failure(failure))
            }
        }
        let cancelTimer = plugin.environment.after(seconds: seconds) { [plugin, seconds] in
            let time = seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
            let sentence = "The plugin `\(plugin.name)` did not answer `\(method)` within \(time) s (`timeout`)."
            if question.end(.failure(AgentFailure(.timeout, sentence))) { cancel() }
        }
        question.whenEnded(cancelTimer)
        return { if question.end(.failure(Self.cancelled)) { cancel() } }
    }
}

/// A question whose first answer is the only one.
private final class Question: Sendable {
    private struct State {
        var answered: (@Sendable (Result<JSON, AgentFailure>) -> Void)?
        var cancelTimer: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    init(_ answered: @escaping @Sendable (Result<JSON, AgentFailure>) -> Void) {
        state = Mutex(State(answered: answered))
    }

    /// Whether this was the first answer.
    @discardableResult
    func end(_ result: Result<JSON, AgentFailure>) -> Bool {
        let (answered, cancelTimer) = state.withLock { state in
            defer { state = State() }
            return (state.answered, state.cancelTimer)
        }
        cancelTimer?()
        answered?(result)
        return answered != nil
    }

    func whenEnded(_ cancelTimer: @escaping @Sendable () -> Void) {
        let hasEnded = state.withLock { state in
            if state.answered != nil { state.cancelTimer = cancelTimer }
            return state.answered == nil
        }
        if hasEnded { cancelTimer() }
    }
}
