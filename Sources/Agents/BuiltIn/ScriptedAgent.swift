import Jansson

/// Answers by the rules of a script: for demonstrations, tests and golden files.
package struct ScriptedAgent: Agent {
    package var kind: AgentKind { .scripted }
    package var needs: AgentNeeds { script.needs }

    private let script: Script
    private let environment: any AgentEnvironment

    package init(script: Script, environment: any AgentEnvironment) {
        self.script = script
        self.environment = environment
    }

    package func execute(
        _ request: AgentRequest, report: @escaping @Sendable (AgentReport) -> Void
    ) -> AgentExecution {
        guard let rule = script.rule(for: request.prompt) else {
            return .finished(
                .failed(AgentFailure(.failed, "No rule of the script fits `\(shortened(request.prompt))`.")))
        }
        let outcome = rule.outcome(for: request)
        if let partial = rule.partial { report(.piece(ReplyPiece(.text, partial))) }
        switch rule.hold {
        case .none: return .finished(outcome)
        case .delay(let seconds):
            return .running(cancel: environment.after(seconds: seconds) { report(.ended(outcome)) })
        case .gate(let gate):
            if let cancel = environment.atGate(gate, { report(.ended(outcome)) }) { return .running(cancel: cancel) }
            let sentence = "The script holds this reply at the gate `\(gate)`, which only a transcript can release."
            return .finished(.failed(AgentFailure(.unavailable, sentence)))
        }
    }

    private func shortened(_ prompt: Text) -> String {
        let text = prompt.description
        return text.count <= 40 ? text : text.prefix(40) + "…"
    }
}
