import ModelServers
import Testing

@Suite("Chat completions are read") struct OpenAIReplyTests {
    private func delta(_ members: String, finish: String = "null") -> String {
        #"{"model":"m","choices":[{"index":0,"delta":{\#(members)},"finish_reason":\#(finish)}]}"#
    }

    @Test("Text, thoughts, the reason of the end, the model and what was used")
    func whole() {
        let counts = #""prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}"#
        let usage = #"{"choices":[],"usage":{\#(counts)}}"#
        let reading = Reading(
            .openai,
            events: [
                delta(#""role":"assistant","content":"""#), delta(#""reasoning_content":"Hm""#),
                delta(#""reasoning":".""#), delta(#""content":"Hel""#), delta(#""content":"lo""#),
                delta("", finish: #""stop""#), usage, "[DONE]",
            ])
        #expect(reading.pieces == ["thought:Hm", "thought:.", "text:Hel", "text:lo"])
        #expect(
            reading.result == """
                {"response":"Hello","metadata":{"usage":{"input_tokens":9,"output_tokens":2,"cached_tokens":4},\
                "model":"m","finish_reason":"stop"}}
                """)
    }

    private func call(_ members: String, name: String? = nil) -> String {
        let function = name.map { #""name":"\#($0)","# } ?? ""
        return delta(#""tool_calls":[{\#(members)"function":{\#(function)"arguments":"{"}}]"#)
    }

    @Test("A tool is told once for each call, whether its name comes once or with each part, and kept once")
    func tools() {
        let reading = Reading(
            .openai,
            events: [
                call(#""index":0,"id":"a","#, name: "search"), call(#""index":0,"#),
                call(#""index":1,"id":"b","#), call(#""index":1,"#, name: "mail"),
                call(#""index":1,"#, name: "mail"),
                // Calls that are apart only by their ids.
                call(#""index":0,"id":"c","#, name: "search"), call(#""index":0,"id":"d","#, name: "book"),
                delta("", finish: #""tool_calls""#), "[DONE]",
            ])
        #expect(reading.pieces == ["tool:search", "tool:mail", "tool:search", "tool:book"])
        #expect(reading.result.contains(#""tools_used":["search","mail","book"]"#))
    }

    @Test("What is no text, no choice or no count is passed over")
    func odd() {
        let reading = Reading(
            .openai,
            events: [
                #"{"choices":null,"usage":null}"#, #"{"choices":[7],"usage":{"prompt_tokens":-1}}"#,
                delta(#""content":null,"tool_calls":null,"refusal":null"#),
                #"{"choices":[{"index":1,"delta":{"content":"another"}}]}"#, delta(#""content":"Hi""#),
                "[DONE]",
            ])
        #expect(reading.result == #"{"response":"Hi","metadata":{"model":"m"}}"#)
    }

    @Test("A reply has ended with its reason or with the mark; without either it was cut")
    func ends() {
        let hi = delta(#""content":"Hi""#)
        for end in [[delta("", finish: #""length""#)], ["[DONE]"], [" [DONE] "]] {
            #expect(Reading(.openai, events: [hi] + end).result.contains(#""response":"Hi""#))
        }
        #expect(Reading(.openai, events: [hi, delta("", finish: #""stop""#)], isWhole: false).result.contains("Hi"))
        for chunks in [["data: \(hi)\n\n"], ["data: \(hi)\n\n", #"data: {"choices":[{"#], [": and\n"]] {
            #expect(Reading(.openai, chunks).result.contains("cut"))
        }
        #expect(Reading(.openai, ["data: \(hi)\n\n", "data: [DONE]"]).result.contains("Hi"))
    }

    @Test("An answer that is not streamed")
    func document() {
        let message = #"{"content":"Hi","reasoning":"Hm","tool_calls":[{"function":{"name":"search"}}]}"#
        let text = #"{"model":"m","choices":[{"message":\#(message),"finish_reason":"stop"}]}"#
        let reading = Reading(.openai, ["\u{FEFF} \n", text, "\n"])
        #expect(reading.pieces == ["thought:Hm", "text:Hi", "tool:search"])
        let metadata = #"{"tools_used":["search"],"model":"m","finish_reason":"stop"}"#
        #expect(reading.result == #"{"response":"Hi","metadata":\#(metadata)}"#)
        let parts =
            #"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"text":"b"},{}]}}]}"#
        #expect(Reading(.openai, [parts]).result.contains(#""response":"ab""#))
    }
}
