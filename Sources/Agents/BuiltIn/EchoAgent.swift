import Jansson

/// Says back what it was told: the agent of a host without a config.
package struct EchoAgent: Agent {
    package enum Shows: String, CaseIterable, Sendable {
        case prompt
        /// All that it was given, as JSON: to see what an agent sees.
        case request
    }

    private let shows: Shows

    package init(shows: Shows = .prompt) { self.shows = shows }

    package var kind: AgentKind { .echo }
    package var needs: AgentNeeds { shows == .request ? [.context, .messages] : [] }

    package func execute(
        _ request: AgentRequest, report: @escaping @Sendable (AgentReport) -> Void
    ) -> AgentExecution {
        switch shows {
        case .prompt:
            return .finished(.replied(AgentReply(response: Text(utf8: Array("You said: ".utf8) + request.prompt.utf8))))
        case .request:
            let shown = JSONFragment { writer in
                writer.beginObject()
                writer.members(of: request)
                writer.endObject()
            }
            return .finished(.replied(AgentReply(response: Text(utf8: shown.bytes))))
        }
    }
}
