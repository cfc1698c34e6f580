import Jansson
import Testing

@testable import Conformance

@Suite("The shapes of results") struct ShapeTests {
    private static let taken: [(Capability, String)] = [
        (.execute, #"{"response":""}"#),
        (.loadProfile, #"{"profile":{},"more":1}"#),
        (.analyzeSentiment, #"{"sentiment":"neutral","confidence":0}"#),
        (.analyzeSentiment, #"{"sentiment":"negative","confidence":17.5}"#),
        (.extractTopics, #"{"topics":[]}"#),
        (.extractTopics, #"{"topics":["\#(String(repeating: "ü", count: 50))"]}"#),
        (.buildContext, #"{"context":{"step":2}}"#),
    ]

    @Test("that are taken", arguments: taken)
    func right(_ capability: Capability, _ result: String) throws {
        try capability.check(JSON.parse(Array(result.utf8)))
    }

    private static let refused: [(Capability, String, says: String)] = [
        (.execute, "[]", "an array"), (.execute, "{}", "`response`"), (.execute, #"{"response":1}"#, "a number"),
        (.loadProfile, #"{"name":"Ada"}"#, "`profile`"), (.loadProfile, #"{"profile":null}"#, "null"),
        (.analyzeSentiment, #"{"sentiment":"Neutral","confidence":1}"#, "`Neutral`"),
        (.analyzeSentiment, #"{"sentiment":"neutral"}"#, "`confidence`"),
        (.analyzeSentiment, #"{"sentiment":"neutral","confidence":"1"}"#, "`confidence`"),
        (.analyzeSentiment, #"{"sentiment":"neutral","confidence":-0.5}"#, "`confidence`"),
        (.extractTopics, #"{"topics":"a"}"#, "`topics`"), (.extractTopics, #"{"topics":["a",1]}"#, "not all strings"),
        (.extractTopics, #"{"topics":["\#(String(repeating: "a", count: 101))"]}"#, "101 bytes"),
        (.extractTopics, #"{"topics":[\#(Array(repeating: "\"a\"", count: 51).joined(separator: ","))]}"#, "51"),
        (.buildContext, #"{"context":[]}"#, "an array"),
    ]

    @Test("that are not", arguments: refused)
    func wrong(_ capability: Capability, _ result: String, _ says: String) throws {
        let json = try JSON.parse(Array(result.utf8))
        let fault = #expect(throws: ShapeFault.self) { try capability.check(json) }
        #expect(fault?.clause.contains(says) == true)
    }

    @Test(
        "Metadata that are taken over whole",
        arguments: [
            "{}", #"{"model":[1]}"#, #"{"tools_used":[]}"#, #"{"tokens_used":0}"#,
            #"{"usage":{"input_tokens":0,"output_tokens":9007199254740993,"cached_tokens":1}}"#,
            #"{"usage":{"input_tokens":1,"output_tokens":1,"cost":{"amount":0.1,"currency":"EUR","source":"reported"}}}"#,
        ])
    func metadata(_ text: String) throws { try checkMetadata(JSON.parse(Array(text.utf8))) }

    @Test(
        "Metadata that are not",
        arguments: [
            "null", "[]", #"{"tools_used":null}"#, #"{"tools_used":{"a":"b"}}"#, #"{"tokens_used":-1}"#,
            #"{"tokens_used":1.0}"#, #"{"usage":7}"#, #"{"usage":{"input_tokens":1}}"#,
            #"{"usage":{"input_tokens":1,"output_tokens":1,"cached_tokens":null}}"#,
            #"{"usage":{"input_tokens":1,"output_tokens":1,"cost":{"amount":-1,"currency":"EUR","source":"reported"}}}"#,
            #"{"usage":{"input_tokens":1,"output_tokens":1,"cost":{"amount":1,"currency":"EUR","source":"guessed"}}}"#,
            #"{"usage":{"input_tokens":1,"output_tokens":1,"cost":{"amount":1,"source":"reported"}}}"#,
        ])
    func strangeMetadata(_ text: String) throws {
        let json = try JSON.parse(Array(text.utf8))
        #expect(throws: ShapeFault.self) { try checkMetadata(json) }
    }

    @Test("What a plugin says of itself")
    func introduction() throws {
        let text = #"{"name":"n","version":"1","capabilities":["a","agent/execute"],"more":{}}"#
        let introduction = try Introduction(JSON.parse(Array(text.utf8)))
        #expect(introduction.capabilities == ["a", "agent/execute"])
        for name in ["name", "version", "capabilities"] {
            let without = try JSON.parse(Array(text.replacing("\"\(name)\"", with: "\"other\"").utf8))
            let fault = #expect(throws: ShapeFault.self) { _ = try Introduction(without) }
            #expect(fault?.clause.contains("`\(name)`") == true)
        }
    }
}
