import Jansson

/// What the host asks: the params of `agent/execute`, as far as model servers are told of them.
package struct Execution: Sendable {
    package struct Message: Sendable {
        let role: Text
        let content: Text
    }

    package let id: Text
    let prompt: Text
    let context: JSONFragment
    let messages: [Message]
    let instructions: Text?

    /// Nil where these are no params of `agent/execute`.
    package init?(_ params: JSON?) {
        guard let params, let id = params["executionId"]?.text, let prompt = params["prompt"]?.text else { return nil }
        self.id = id
        self.prompt = prompt
        context = params["context"].map { JSONFragment($0) } ?? .emptyObject
        instructions = params["instructions"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        let told = params["messages"]?.elements ?? []
        messages = told.compactMap { json in
            guard let role = json["role"]?.text, let content = json["content"]?.text else { return nil }
            return Message(role: role, content: content)
        }
        if messages.count != told.count { return nil }
    }

    /// The history with the prompt. In a conversation it is its last message; elsewhere it comes behind what was said.
    fileprivate var history: [Message] {
        if let last = messages.last, last.role == "user", last.content == prompt { return messages }
        return messages + [Message(role: "user", content: prompt)]
    }
}

/// A request to a model server; always a POST.
package struct ModelRequest: Sendable {
    /// With the path that the server's address has.
    package let path: String
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    /// - Parameter key: nil where the server wants none.
    package init(_ execution: Execution, to server: ServerSettings, key: Text?) {
        var headers = [(name: "Content-Type", value: "application/json")]
        let keyHeader: String
        switch server.api {
        case .openai:
            path = server.base.path + "/chat/completions"
            headers.append(("Accept", "text/event-stream, application/json"))
            keyHeader = "Authorization"
            body = Self.openAI(execution, server)
        case .anthropic:
            path = server.base.path + "/v1/messages"
            headers.append(("Accept", "text/event-stream, application/json"))
            headers.append(("anthropic-version", "2023-06-01"))
            keyHeader = "x-api-key"
            body = Self.anthropic(execution, server)
        case .crafter:
            let parts = server.place.map { percentEncoded($0.utf8) }
            let organization = "/api/organizations/\(parts[0])"
            path = server.base.path + organization + "/projects/\(parts[1])/agents/\(parts[2])/execute"
            headers.append(("Accept", "application/json"))
            keyHeader = "X-API-Key"
            body = Self.crafter(execution)
        }
        if let key { headers.append((keyHeader, server.api == .openai ? "Bearer \(key)" : "\(key)")) }
        self.headers = headers
    }

    private static func openAI(_ execution: Execution, _ server: ServerSettings) -> [UInt8] {
        var messages = execution.history
        if let instructions = execution.instructions {
            messages.insert(Execution.Message(role: "system", content: instructions), at: 0)
        }
        let usage = JSONFragment {
            $0.beginObject()
            $0.key("include_usage")
            $0.boolean(true)
            $0.endObject()
        }
        return body(
            [
                ("model", .string(server.model)), ("messages", fragment(messages)), ("stream", .boolean(true)),
                ("stream_options", usage),
            ], server.parameters)
    }

    /// Anthropic's API has no system messages, wants the first message to be a user's, and none to be empty.
    private static func anthropic(_ execution: Execution, _ server: ServerSettings) -> [UInt8] {
        let history = execution.history.filter { !$0.content.isEmpty }
        var messages = history.filter { $0.role != "system" }
        if messages.first?.role != "user" { messages.insert(Execution.Message(role: "user", content: "…"), at: 0) }
        let system = [execution.instructions].compactMap { $0 } + history.filter { $0.role == "system" }.map(\.content)
        var members: [(name: Text, value: JSONFragment)] = [
            ("model", .string(server.model)), ("max_tokens", JSONFragment { $0.integer(4096) }),
        ]
        if !system.isEmpty {
            members.append(("system", .string(Text(utf8: Array(system.map(\.utf8).joined(separator: [0x0A, 0x0A]))))))
        }
        return body(
            members + [("messages", fragment(messages)), ("stream", .boolean(true))], server.parameters)
    }

    private static func crafter(_ execution: Execution) -> [UInt8] {
        body([("prompt", .string(execution.prompt)), ("context", execution.context)], Members())
    }

    private static func body(_ own: [(name: Text, value: JSONFragment)], _ parameters: Members) -> [UInt8] {
        var members = Members(own)
        members.merge(parameters)
        // The API refuses options of a stream for what is not streamed.
        if members["stream"] == .boolean(false), parameters["stream_options"] == nil { members["stream_options"] = nil }
        let null = JSONFragment { $0.null() }
        for (name, value) in parameters.list where value == null { members[name] = nil }
        return JSONFragment { $0.object(members) }.bytes
    }

    private static func fragment(_ messages: [Execution.Message]) -> JSONFragment {
        JSONFragment { writer in
            writer.beginArray()
            for message in messages {
                writer.beginObject()
                writer.key("role")
                writer.string(message.role)
                writer.key("content")
                writer.string(message.content)
                writer.endObject()
            }
            writer.endArray()
        }
    }
}
