import Jansson
import ModelServers
import Testing

@Suite("What a model server is asked") struct ModelRequestTests {
    private func request(_ settings: String, _ members: String, key: Text? = "sk-1") throws -> ModelRequest {
        let params = #"{"executionId":"e","prompt":"Hello",\#(members)}"#
        let execution = try #require(try Execution(JSON.parse(params.utf8)))
        return ModelRequest(execution, to: try ServerSettings(JSON.parse(settings.utf8)), key: key)
    }

    private func body(_ settings: String, _ members: String) throws -> String {
        String(decoding: try request(settings, members).body, as: UTF8.self)
    }

    private static let history = """
        "messages":[{"role":"assistant","content":"Welcome"},{"role":"system","content":"Short."},\
        {"role":"user","content":"Hello"}]
        """

    @Test("openai: the instructions first, the messages, and parameters over all of it")
    func openAI() throws {
        let settings =
            #"{"api":"openai","model":"m","baseUrl":"http://h/v1/","parameters":{"temperature":0.5}}"#
        #expect(
            try body(settings, "\"instructions\":\"Be kind.\",\(Self.history)") == """
                {"model":"m","messages":[{"role":"system","content":"Be kind."},\
                {"role":"assistant","content":"Welcome"},{"role":"system","content":"Short."},\
                {"role":"user","content":"Hello"}],"stream":true,"stream_options":{"include_usage":true},\
                "temperature":0.5}
                """)
        let request = try request(settings, #""messages":[]"#)
        #expect(request.path == "/v1/chat/completions")
        #expect(request.headers.contains { $0 == ("Authorization", "Bearer sk-1") })
    }

    @Test("A prompt that is not the last message comes behind them")
    func prompt() throws {
        let settings = #"{"api":"openai","model":"m","parameters":{"stream":false}}"#
        for (told, sent) in [
            (#""messages":[]"#, ""), (#""context":{}"#, ""),
            (
                #""messages":[{"role":"assistant","content":"Hello"}]"#,
                #"{"role":"assistant","content":"Hello"},"#
            ),
        ] {
            let expected =
                #"{"model":"m","messages":[\#(sent){"role":"user","content":"Hello"}],"stream":false}"#
            #expect(try body(settings, told) == expected)
        }
    }

    @Test("A parameter that is null leaves a member out")
    func null() throws {
        let settings = #"{"api":"openai","model":"m","parameters":{"stream_options":null,"top_p":1}}"#
        let text = try body(settings, #""messages":[]"#)
        #expect(text.hasSuffix(#""stream":true,"top_p":1}"#))
    }

    @Test("anthropic: system messages apart, a user's message first")
    func anthropic() throws {
        let settings = #"{"api":"anthropic","model":"m"}"#
        #expect(
            try body(settings, "\"instructions\":\"Be kind.\",\(Self.history)") == """
                {"model":"m","max_tokens":4096,"system":"Be kind.\\n\\nShort.","messages":[\
                {"role":"user","content":"…"},{"role":"assistant","content":"Welcome"},\
                {"role":"user","content":"Hello"}],"stream":true}
                """)
        #expect(try !body(settings, #""messages":[]"#).contains("system"))
        let request = try request(settings, #""messages":[]"#)
        #expect(request.path == "/v1/messages")
        #expect(request.headers.contains { $0 == ("x-api-key", "sk-1") })
        #expect(request.headers.contains { $0 == ("anthropic-version", "2023-06-01") })
    }

    @Test("llm-crafter: prompt and context, at a path that no name leads out of")
    func crafter() throws {
        let settings = """
            {"api":"llm-crafter","baseUrl":"http://h/x","organizationId":"a/../b","projectId":"ü","remoteAgentId":"c?d"}
            """
        #expect(
            try body(settings, #""context":{"score":85},\#(Self.history)"#)
                == #"{"prompt":"Hello","context":{"score":85}}"#)
        let request = try request(settings, #""messages":[]"#)
        #expect(request.path == "/x/api/organizations/a%2F..%2Fb/projects/%C3%BC/agents/c%3Fd/execute")
        #expect(request.headers.contains { $0 == ("X-API-Key", "sk-1") })
    }

    @Test("Without a key no header has one", arguments: ["openai", "anthropic"])
    func keyless(_ api: String) throws {
        let request = try request(#"{"api":"\#(api)","model":"m"}"#, #""messages":[]"#, key: nil)
        #expect(!request.headers.contains { ["authorization", "x-api-key"].contains($0.name.lowercased()) })
    }

    @Test(
        "Params that are none",
        arguments: [
            "{}", "[]", #"{"executionId":"e"}"#, #"{"executionId":"e","prompt":7}"#,
            #"{"executionId":"e","prompt":"a","messages":[{"role":"user"}]}"#,
        ])
    func none(_ text: String) throws { #expect(try Execution(JSON.parse(text.utf8)) == nil) }
}
