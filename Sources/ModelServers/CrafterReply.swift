import Jansson

/// What LLM Crafter answers: one JSON text.
struct CrafterReply: ReplyFormat {
    private(set) var isEnded = false
    var isComplete: Bool { isEnded }

    /// It doesn't stream.
    mutating func read(_ event: JSON, into reply: inout Reply) throws(ReplyFault) {
        throw ReplyFault("The server sent a stream, which LLM Crafter doesn't. Is `baseUrl` right?")
    }

    mutating func read(document: JSON, into reply: inout Reply, _ words: ServerWords) throws(ReplyFault) {
        // Older ones have less around the response.
        let places = [document["data"]?["execution"], document["data"], document]
        let execution = places.compactMap { $0 }.first { $0["response"]?.text != nil }
        guard document["success"]?.boolean != false, let response = execution?["response"]?.text else {
            let bytes = JSONFragment(document).bytes
            throw ReplyFault(
                document["success"]?.boolean == false
                    ? "The server failed: \(words.message(of: bytes))"
                    : "The server sent an answer without `response`: `\(words.excerpt(bytes))`. Is `baseUrl` right?")
        }
        let metadata = execution?["metadata"]
        for tool in metadata?["tools_used"]?.elements ?? [] { try reply.add(.tool, tool.text ?? tool["name"]?.text) }
        try reply.add(.text, response)
        reply.tokensUsed = metadata?["tokens_used"]?.tokens
        if let tokens = metadata?["tokens_used"], let input = tokens["prompt"]?.tokens {
            reply.usage = Reply.Usage(input: input, output: tokens["completion"]?.tokens ?? 0)
        }
        reply.remoteExecution = execution?["id"]?.text
        isEnded = true
    }
}
