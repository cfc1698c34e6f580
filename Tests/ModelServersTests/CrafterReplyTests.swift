import ModelServers
import Testing

@Suite("LLM Crafter's answers are read") struct CrafterReplyTests {
    private func answer(_ metadata: String) -> String {
        #"{"success":true,"data":{"execution":{"id":"x1","response":"Hi","metadata":\#(metadata)}}}"#
    }

    @Test("The response, its id, tokens and tools")
    func whole() {
        let reading = Reading(
            .crafter,
            [answer(#"{"tokens_used":168,"response_time_ms":7,"tools_used":["search",{"name":"mail"}]}"#)])
        #expect(reading.pieces == ["tool:search", "tool:mail", "text:Hi"])
        #expect(
            reading.result == """
                {"response":"Hi","metadata":{"tools_used":["search","mail"],"tokens_used":168,\
                "remote_execution_id":"x1"}}
                """)
    }

    @Test("Tokens that are told by their parts are what was used")
    func parts() {
        let reading = Reading(.crafter, [answer(#"{"tokens_used":{"prompt":45,"completion":123,"total":168}}"#)])
        #expect(reading.result.contains(#""usage":{"input_tokens":45,"output_tokens":123}"#))
        #expect(!reading.result.contains("tokens_used"))
    }

    @Test("Less around the response will do", arguments: [#"{"data":{"response":"Hi"}}"#, #"{"response":"Hi"}"#])
    func bare(_ text: String) {
        #expect(Reading(.crafter, [text]).result == #"{"response":"Hi","metadata":{}}"#)
    }

    @Test(
        "What is no reply",
        arguments: [
            (#"{"success":false,"error":"No such agent"}"#, "The server failed: No such agent"),
            (#"{"success":false,"data":{"response":"Hi"}}"#, "The server failed: "),
            (#"{"success":true,"data":{"execution":{"id":"x"}}}"#, "without `response`"),
            (#"{"success":true,"data":{"execution":{"response":7}}}"#, "without `response`"),
            ("data: {}\n\n", "a stream"), ("[]", "no reply"), ("", "cut"),
        ])
    func faults(_ text: String, _ said: String) { #expect(Reading(.crafter, [text]).result.contains(said)) }

    @Test("An answer that ended early was cut, not garbage")
    func cut() { #expect(Reading(.crafter, [#"{"success":tr"#], isWhole: false).result.contains("cut")) }
}
