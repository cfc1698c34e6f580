import Conversations
import Jansson

/// An agent that a plugin is: its kind says only where the plugin comes from.
package struct PluginAgent: Agent {
    package let kind: AgentKind
    private let id: Text
    private let plugin: Plugin

    package init(_ kind: AgentKind, id: Text, plugin: Plugin) {
        self.kind = kind
        self.id = id
        self.plugin = plugin
    }

    package var needs: AgentNeeds { .everything }
    package var standing: AgentStanding { plugin.standing }

    package func execute(
        _ request: AgentRequest, report: @escaping @Sendable (AgentReport) -> Void
    ) -> AgentExecution {
        let params = JSONFragment { [id] writer in
            writer.reserve(1024)
            writer.execution(request, by: id)
        }
        let cancel = plugin.call("agent/execute", params, executionId: request.executionId) { [id, plugin] answer in
            switch answer {
            case .piece(let piece): report(.piece(piece))
            case .failed(let failure): report(.ended(.failed(failure)))
            case .result(let result):
                report(.ended(AgentOutcome(answer: result, of: id) { plugin.environment.log.warning("\($0)") }))
            }
        }
        return .running(cancel: cancel)
    }
}

extension AgentOutcome {
    /// Reads {response, metadata?}.
    ///
    /// - Parameter warn: told what is wrong with the metadata, which are then left out: a reply is worth more than what
    ///   is told about it.
    fileprivate init(answer result: JSON, of id: Text, warn: (String) -> Void) {
        guard let response = result["response"]?.text else {
            let sentence = "The agent `\(id)` answered without a `response`: `\(JSONFragment(result).excerpt)`."
            self = .failed(AgentFailure(.failed, sentence))
            return
        }
        if response.utf8.count > ReplyPiece.bound {
            let sentence =
                "The agent `\(id)` answered with \(response.utf8.count) bytes; \(ReplyPiece.bound) are the most."
            self = .failed(AgentFailure(.failed, sentence))
            return
        }
        var reply = AgentReply(response: response)
        if let metadata = result["metadata"] {
            reply.take(metadata) { fault in
                warn("the agent `\(id)` answered with metadata whose \(fault): it was left out")
            }
        }
        self = .replied(reply)
    }
}

extension AgentReply {
    /// Takes over what an agent tells of its reply.
    fileprivate mutating func take(_ metadata: JSON, warn: (String) -> Void) {
        for (name, value) in metadata.members {
            let name = Text(name)
            switch name {
            case "tools_used":
                let tools = value.elements.compactMap(\.text)
                if value.kind == .array, tools.count == value.count {
                    toolsUsed = tools
                } else {
                    warn("`tools_used` is no list of strings")
                }
            case "usage":
                usage = Usage(checked: value)
                if usage == nil { warn("`usage` is not {input_tokens, output_tokens, cached_tokens?, cost?}") }
            case "tokens_used":
                if let tokens = value.integer, tokens >= 0 {
                    tokensUsed = tokens
                } else {
                    warn("`tokens_used` is no number of tokens")
                }
            // These tell of the host's own execution.
            case "execution_id", "agent_id", "response_time_ms": break
            default: extra[name] = JSONFragment(value)
            }
        }
    }
}

extension Text {
    /// Three capital letters: ISO 4217.
    fileprivate var isCurrency: Bool { utf8.count == 3 && utf8.allSatisfy { (0x41...0x5A).contains($0) } }
}

extension AgentReply.Usage {
    /// Takes the members that are known; nil where one of them is missing or something else.
    fileprivate init?(checked json: JSON) {
        var members = Members()
        for (name, isNeeded): (StaticString, Bool) in [
            ("input_tokens", true), ("output_tokens", true), ("cached_tokens", false),
        ] {
            guard let value = json[name] else {
                if isNeeded { return nil }
                continue
            }
            guard let tokens = value.integer, tokens >= 0 else { return nil }
            members[Text(stringLiteral: name)] = JSONFragment(value)
        }
        if let cost = json["cost"] {
            guard cost["amount"]?.number.map({ $0 >= 0 }) ?? false, cost["currency"]?.text?.isCurrency ?? false,
                let source = cost["source"]?.text, source == "reported" || source == "estimated", cost.count == 3
            else { return nil }
            members["cost"] = JSONFragment(cost)
        }
        guard let checked = try? JSON.parse(JSONFragment { [members] in $0.object(members) }.bytes) else { return nil }
        self.init(checked)
    }
}
