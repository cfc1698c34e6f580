import Agents
import Jansson
import Testing
import Threads

/// An agent that says what the test has it say, when the test has it say that.
final class ToldAgent: Agent {
    private struct State: Sendable {
        var asked: [(prompt: Text, report: @Sendable (AgentReport) -> Void)] = []
        var cancelled: [Text] = []
    }

    private let state = Monitor(State())

    let kind = AgentKind.plugin
    let needs: AgentNeeds = []

    func execute(
        _ request: AgentRequest, report: @escaping @Sendable (AgentReport) -> Void
    ) -> AgentExecution {
        state.broadcasting { $0.asked.append((request.prompt, report)) }
        return .running(cancel: { self.state.withLock { $0.cancelled.append(request.prompt) } })
    }

    /// The prompts whose executions were cancelled.
    var cancelled: [Text] { state.withLock { $0.cancelled } }

    /// Says pieces of the reply to a prompt, as soon as it was asked; to the newest where it was asked twice.
    func say(_ pieces: ReplyPiece..., to prompt: Text, at location: SourceLocation = #_sourceLocation) throws {
        let report = try report(to: prompt, at: location)
        for piece in pieces { report(.piece(piece)) }
    }

    func reply(_ response: Text, to prompt: Text, at location: SourceLocation = #_sourceLocation) throws {
        try report(to: prompt, at: location)(.ended(.replied(AgentReply(response: response))))
    }

    func fail(_ message: String, to prompt: Text, at location: SourceLocation = #_sourceLocation) throws {
        try report(to: prompt, at: location)(.ended(.failed(AgentFailure(.failed, message))))
    }

    private func report(to prompt: Text, at location: SourceLocation) throws -> @Sendable (AgentReport) -> Void {
        let deadline = Patience.deadline()
        let report = state.wait(
            deadline: { _ in deadline }, until: { state in state.asked.last { $0.prompt == prompt }?.report })
        return try #require(report, "it was never asked `\(prompt)`", sourceLocation: location)
    }
}
