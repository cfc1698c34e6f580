import ModelServers
import Testing

@Suite("Anthropic's messages are read") struct AnthropicReplyTests {
    private static let start = """
        {"type":"message_start","message":{"model":"m","usage":{"input_tokens":7,"cache_creation_input_tokens":20,\
        "cache_read_input_tokens":100,"output_tokens":1}}}
        """
    private static let end = """
        {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}
        """

    private func block(_ begin: String, _ deltas: String...) -> [String] {
        [#"{"type":"content_block_start","index":0,"content_block":\#(begin)}"#]
            + deltas.map { #"{"type":"content_block_delta","index":0,"delta":\#($0)}"# }
            + [#"{"type":"content_block_stop","index":0}"#]
    }

    @Test("Blocks of text, thoughts and tools, and what was used, the cache's part with it")
    func whole() {
        let events =
            [Self.start, #"{"type":"ping"}"#]
            + block(
                #"{"type":"thinking","thinking":""}"#, #"{"type":"thinking_delta","thinking":"Hm"}"#,
                #"{"type":"signature_delta","signature":"x"}"#)
            + block(#"{"type":"text","text":"He"}"#, #"{"type":"text_delta","text":"llo"}"#)
            + block(
                #"{"type":"tool_use","name":"search"}"#, #"{"type":"input_json_delta","partial_json":"{"}"#)
            + block(#"{"type":"server_tool_use","name":"web"}"#) + block(#"{"type":"of next year"}"#)
            + [
                Self.end, #"{"type":"message_stop"}"#,
                #"{"type":"content_block_delta","delta":{"text":"!"}}"#,
            ]
        let reading = Reading(.anthropic, events: events)
        #expect(reading.pieces == ["thought:Hm", "text:He", "text:llo", "tool:search", "tool:web"])
        #expect(
            reading.result == """
                {"response":"Hello","metadata":{"tools_used":["search","web"],"usage":{"input_tokens":127,\
                "output_tokens":5,"cached_tokens":100},"model":"m","finish_reason":"end_turn"}}
                """)
    }

    @Test("Without its last event a message was cut, though it has told its reason")
    func cut() {
        let text = block(#"{"type":"text","text":"Hi"}"#)
        #expect(Reading(.anthropic, events: [Self.start] + text + [Self.end]).result.contains("cut"))
    }

    @Test("An error in the stream is the server's own words")
    func error() {
        let event = #"event: error\#ndata: {"type":"error","error":{"message":"Busy."}}\#n\#n"#
        #expect(Reading(.anthropic, [event]).result == "The server failed: Busy.")
    }

    @Test("An answer that is not streamed")
    func document() {
        let blocks = #"[{"type":"thinking","thinking":"Hm"},{"type":"text","text":"Hi"},7]"#
        let usage = #"{"input_tokens":1,"output_tokens":2}"#
        let text = #"{"content":\#(blocks),"stop_reason":"end_turn","usage":\#(usage)}"#
        let reading = Reading(.anthropic, [text])
        #expect(reading.pieces == ["thought:Hm", "text:Hi"])
        #expect(reading.result.contains(#"{"input_tokens":1,"output_tokens":2},"finish_reason":"end_turn""#))
        #expect(Reading(.anthropic, ["{}"]).result.contains("without `content`"))
    }
}
