import Jansson

/// Chat completions, as OpenAI's API and the many that follow it tell them.
struct OpenAIReply: ReplyFormat {
    private(set) var isEnded = false
    private(set) var isComplete = false
    /// The newest call at each place of the reply's list of tool calls, and whether its name was told.
    private var calls: [Int64: (id: Text?, isNamed: Bool)] = [:]

    func isEnd(_ event: ServerSentEvent) -> Bool {
        event.data.filter { $0 != 0x20 && $0 != 0x09 }.elementsEqual("[DONE]".utf8)
    }

    mutating func end() {
        isEnded = true
        isComplete = true
    }

    mutating func read(_ event: JSON, into reply: inout Reply) throws(ReplyFault) {
        readFacts(of: event, into: &reply)
        // Of several answers, which `parameters` can ask for, the first is the reply.
        guard let choice = event["choices"]?.elements.first(where: { $0["index"]?.integer ?? 0 == 0 }) else { return }
        if let delta = choice["delta"] ?? choice["message"] { try readMessage(delta, into: &reply) }
        if let reason = choice["finish_reason"]?.text {
            reply.finishReason = reason
            isEnded = true
        }
    }

    mutating func read(document: JSON, into reply: inout Reply, _ words: ServerWords) throws(ReplyFault) {
        guard document["choices"]?.elements.isEmpty == false else {
            let shown = words.excerpt(JSONFragment(document).bytes)
            throw ReplyFault("The server sent an answer without `choices`: `\(shown)`. Is `baseUrl` right?")
        }
        try read(document, into: &reply)
    }

    private func readFacts(of json: JSON, into reply: inout Reply) {
        if let model = json["model"]?.text, !model.isEmpty { reply.model = model }
        guard let usage = json["usage"], let input = usage["prompt_tokens"]?.tokens else { return }
        reply.usage = Reply.Usage(
            input: input, output: usage["completion_tokens"]?.tokens ?? 0,
            cached: usage["prompt_tokens_details"]?["cached_tokens"]?.tokens)
    }

    private mutating func readMessage(_ message: JSON, into reply: inout Reply) throws(ReplyFault) {
        // DeepSeek, vLLM and llama.cpp say `reasoning_content`, OpenRouter and Ollama `reasoning`.
        try reply.add(.thought, message["reasoning_content"]?.text ?? message["reasoning"]?.text)
        if let content = message["content"], ![.string, .array, .null].contains(content.kind) {
            throw ReplyFault(
                "The server sent a `content` that is no text: `\(String(decoding: JSONFragment(content).bytes.prefix(80), as: UTF8.self))`."
            )
        }
        try reply.add(.text, message["content"]?.text)
        // Mistral's reasoning models tell their content in parts.
        for part in message["content"]?.elements ?? [] { try reply.add(.text, part["text"]?.text) }
        try reply.add(.text, message["refusal"]?.text)
        for (place, call) in (message["tool_calls"]?.elements ?? []).enumerated() {
            try readCall(call, at: call["index"]?.integer ?? Int64(place), into: &reply)
        }
    }

    /// A call comes in many parts, of which most servers name the tool in the first one only, but some in each; and
    /// some tell all their calls at one place, apart only by their ids.
    private mutating func readCall(_ call: JSON, at place: Int64, into reply: inout Reply) throws(ReplyFault) {
        let id = call["id"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        var known = calls[place] ?? (id, false)
        if let id, known.id != id { known = (id, known.id == nil && known.isNamed) }
        if !known.isNamed, let name = call["function"]?["name"]?.text, !name.isEmpty {
            try reply.add(.tool, name)
            known.isNamed = true
        }
        calls[place] = known
    }
}
