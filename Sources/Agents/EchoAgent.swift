import Jansson

/// Says back what it was told: the agent of a host without a config.
package struct EchoAgent: Agent {
    package var kind: AgentKind { .echo }

    package init() {}

    package func execute(
        _ request: AgentRequest, report: @escaping @Sendable (AgentOutcome) -> Void
    ) -> AgentExecution {
        .finished(.replied(AgentReply(response: Text(utf8: Array("You said: ".utf8) + request.prompt.utf8))))
    }
}
