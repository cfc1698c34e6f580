import Jansson
import ModelServers
import Testing

@Suite("What the plugin is told at its start") struct ServerSettingsTests {
    private func settings(_ text: String) throws -> ServerSettings { try ServerSettings(JSON.parse(text.utf8)) }

    @Test("What may be left out")
    func usual() throws {
        let openai = try settings(#"{"api":"openai","model":"m","agentId":"gpt"}"#)
        #expect((openai.base.origin, openai.base.path, openai.retryPause) == ("https://api.openai.com", "/v1", 0.5))
        #expect(openai.key == nil)
        #expect(openai.parameters.isEmpty)
        #expect(try settings(#"{"api":"anthropic","model":"m"}"#).base.origin == "https://api.anthropic.com")
    }

    @Test(
        "Where the key is",
        arguments: [
            (#"{"environment":"K"}"#, .environment("K")), (#"{"file":"a/b"}"#, .file("a/b")),
            (#"{"command":["pass","a b",""]}"#, .command(["pass", "a b", ""])),
        ] as [(String, KeySource)])
    func key(_ text: String, _ source: KeySource) throws {
        #expect(try settings(#"{"api":"openai","model":"m","apiKey":\#(text)}"#).key == source)
    }

    @Test(
        "A key that stands there itself, or nowhere",
        arguments: [
            #""sk-1""#, "7", "{}", #"{"environment":""}"#, #"{"environment":"A=sk-1"}"#, #"{"file":7}"#,
            #"{"command":[]}"#,
            #"{"command":"sk-1"}"#, #"{"command":[""]}"#, #"{"command":["a",7]}"#, #"{"file":"a\u0000b"}"#,
            #"{"environment":"A","file":"b"}"#, #"{"key":"sk-1"}"#,
        ])
    func noKey(_ text: String) {
        let fault = #expect(throws: SettingsFault.self) {
            try settings(#"{"api":"openai","model":"m","apiKey":\#(text)}"#)
        }
        #expect(fault?.key.hasPrefix("apiKey") == true)
        #expect(fault?.description.contains("sk-1") == false)
    }

    @Test(
        "Faults name the key",
        arguments: [
            ("{}", "api"), (#"{"api":"opneai"}"#, "api"), (#"{"api":"openai"}"#, "model"),
            (#"{"api":"openai","model":""}"#, "model"), (#"{"api":"openai","model":7}"#, "model"),
            (#"{"api":"openai","model":"m","baseurl":1}"#, "baseurl"),
            (#"{"api":"openai","model":"m","projectId":"p"}"#, "projectId"),
            (#"{"api":"openai","model":"m","baseUrl":"ftp://h"}"#, "baseUrl"),
            (#"{"api":"openai","model":"m","baseUrl":"http://ada:sk-1@h"}"#, "baseUrl"),
            (#"{"api":"openai","model":"m","parameters":[]}"#, "parameters"),
            (#"{"api":"openai","model":"m","parameters":{"messages":[]}}"#, "parameters.messages"),
            (#"{"api":"anthropic","model":"m","parameters":{"system":"x"}}"#, "parameters.system"),
            (#"{"api":"openai","model":"m","retryPause":-1}"#, "retryPause"),
            (#"{"api":"openai","model":"m","retryPause":"1"}"#, "retryPause"),
            (
                #"{"api":"llm-crafter","organizationId":"o","projectId":"p","remoteAgentId":"a"}"#,
                "baseUrl"
            ),
            (
                #"{"api":"llm-crafter","baseUrl":"http://h","organizationId":"o","projectId":"p"}"#,
                "remoteAgentId"
            ),
            (#"{"api":"llm-crafter","model":"m"}"#, "model"), ("[]", "settings"),
        ])
    func faults(_ text: String, _ key: String) {
        let fault = #expect(throws: SettingsFault.self) { try settings(text) }
        #expect(fault?.key == key)
        #expect(fault?.description.contains("`\(key)`") == true)
        #expect(fault?.description.contains("sk-1") == false)
    }

    @Test(
        "The key in what a file or a command gave",
        arguments: [
            ("sk-1", "sk-1"), ("sk-1\n", "sk-1"), ("sk-1\r\n", "sk-1"), (" sk-1\t\nmore\n", "sk-1"), ("a b", "a b"),
            ("", nil),
            ("\nsk-1", nil), ("  \n", nil), ("a\rX: 1", nil), ("a\tb", nil), ("a\0", nil), ("ü", nil),
        ] as [(String, String?)])
    func line(_ text: String, _ key: String?) {
        #expect((try? KeySource.key(in: Array(text.utf8)))?.description == key)
    }
}
