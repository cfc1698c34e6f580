import Jansson

/// Messages, as Anthropic's API tells them.
struct AnthropicReply: ReplyFormat {
    private(set) var isEnded = false
    var isComplete: Bool { isEnded }

    mutating func read(_ event: JSON, into reply: inout Reply) throws(ReplyFault) {
        switch event["type"]?.text {
        case "message_start":
            if let message = event["message"] { readFacts(of: message, into: &reply) }
        case "content_block_start":
            if let block = event["content_block"] { try readBlock(block, into: &reply) }
        case "content_block_delta":
            try reply.add(.text, event["delta"]?["text"]?.text)
            try reply.add(.thought, event["delta"]?["thinking"]?.text)
        case "message_delta":
            readFacts(of: event, into: &reply)
            if let reason = event["delta"]?["stop_reason"]?.text { reply.finishReason = reason }
        case "message_stop": isEnded = true
        // Pings, the ends of blocks, and what is yet to be invented.
        default: break
        }
    }

    mutating func read(document: JSON, into reply: inout Reply, _ words: ServerWords) throws(ReplyFault) {
        guard let blocks = document["content"], blocks.kind == .array else {
            let shown = words.excerpt(JSONFragment(document).bytes)
            throw ReplyFault("The server sent an answer without `content`: `\(shown)`. Is `baseUrl` right?")
        }
        readFacts(of: document, into: &reply)
        for block in blocks.elements { try readBlock(block, into: &reply) }
        reply.finishReason = document["stop_reason"]?.text
        isEnded = true
    }

    /// A block of an answer, or the beginning of one in a stream.
    private func readBlock(_ block: JSON, into reply: inout Reply) throws(ReplyFault) {
        switch block["type"]?.text {
        case "tool_use", "server_tool_use", "mcp_tool_use": try reply.add(.tool, block["name"]?.text)
        case "text": try reply.add(.text, block["text"]?.text)
        case "thinking": try reply.add(.thought, block["thinking"]?.text)
        default: break
        }
    }

    /// Counts are of the whole message each time that they are told; the last event need not tell them all again.
    private func readFacts(of json: JSON, into reply: inout Reply) {
        if let model = json["model"]?.text { reply.model = model }
        guard let told = json["usage"] else { return }
        var usage = reply.usage ?? Reply.Usage()
        if let output = told["output_tokens"]?.tokens { usage.output = output }
        if let fresh = told["input_tokens"]?.tokens {
            // What was read from the cache, or written to it, is not in `input_tokens` there.
            let written = told["cache_creation_input_tokens"]?.tokens ?? 0
            usage.cached = told["cache_read_input_tokens"]?.tokens ?? usage.cached
            usage.input = fresh + written + (usage.cached ?? 0)
        }
        reply.usage = usage
    }
}
