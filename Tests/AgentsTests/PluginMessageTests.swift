import Jansson
import Testing

@testable import Agents

@Suite("Lines that plugins write") struct PluginMessageTests {
    private func read(_ line: String) -> String {
        switch PluginMessage(Array(line.utf8)[...]) {
        case .answer(let number, .result(let result)): "\(number): \(shown(JSONFragment(result).bytes))"
        case .answer(let number, .failed(let failure)): "\(number) \(failure.kind.rawValue): \(failure.message)"
        case .answer(let number, .piece): "\(number): a piece"
        case .piece(let piece, let executionId): "\(piece.kind.rawValue) of \(executionId): \(piece.text)"
        case .request(let refusal): "refused: \(shown(refusal))"
        case .other: "other"
        case .noise(let reason): "noise: \(reason)"
        }
    }

    private func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test(
        "Answers",
        arguments: [
            (#"{"jsonrpc":"2.0","id":1,"result":{"a":[1]}}"#, #"1: {"a":[1]}"#),
            (#"{"id":7,"result":"x"}"#, #"7: "x""#),
            (#"{"id":1,"result":null}"#, "1: null"), (#"{"id":1,"result":{},"error":null}"#, "1: {}"),
            (#" {"result":1,"id":-2} "#, "-2: 1"),
            (#"{"id":9223372036854775807,"result":1}"#, "9223372036854775807: 1"),
            (#"{"id":1,"result":1,"more":2}"#, "1: 1"),
            (#"{"id":1,"error":{"code":1,"message":"No."}}"#, "1 failed: No."),
            (#"{"id":1,"result":1,"error":{"code":1,"message":"No."}}"#, "1 failed: No."),
            (
                #"{"id":1,"error":"No."}"#,
                #"1 failed: The answer is an error without `code` and `message`: `"No."`."#
            ),
        ])
    func answers(_ line: String, _ expected: String) {
        #expect(read(line) == expected)
    }

    @Test(
        "Pieces of replies",
        arguments: [
            (#""executionId":"e","text":"hi""#, "text of e: hi"),
            (#""executionId":"e","text":"hi","kind":"text""#, "text of e: hi"),
            (#""executionId":"é","text":"","kind":"thought""#, "thought of é: "),
            (#""executionId":"","text":"a\u0000b","kind":"tool","more":1"#, "tool of : a\u{0}b"),
        ])
    func pieces(_ params: String, _ expected: String) {
        #expect(read(#"{"jsonrpc":"2.0","method":"agent/delta","params":{\#(params)}}"#) == expected)
    }

    @Test(
        "A plugin that asks is told that it may not, with its own id",
        arguments: [#"1"#, #""a\"b""#, "1.5", "null", "-0.0"])
    func requests(_ id: String) {
        let sentence = "The host answers no requests, and so not `ask/me`."
        let refusal =
            #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-32601,"message":"\#(sentence)","#
            + #""data":{"kind":"methodNotFound","retryable":false}}}"#
        #expect(read(#"{"jsonrpc":"2.0","id":\#(id),"method":"ask/me","params":[]}"#) == "refused: \(refusal)\n")
        #expect(read(#"{"id":\#(id),"method":"agent/delta"}"#).hasPrefix("refused: "))
    }

    @Test(
        "What newer plugins may say besides is passed over",
        arguments: [
            #"{"method":"x"}"#, #"{"jsonrpc":"2.0","method":"agent/progress","params":{"executionId":"e"}}"#,
            #"{"method":""}"#, #"{"method":"x","result":1}"#,
        ])
    func others(_ line: String) {
        #expect(read(line) == "other")
    }

    @Test(
        "What is no message is told with the reason",
        arguments: [
            (#"[{"id":1,"result":1}]"#, "it is an array"), (#"{}"#, Self.unknown),
            (#"{"jsonrpc":"2.0"}"#, Self.unknown),
            (#"{"id":"1","result":1}"#, Self.unknown), (#"{"id":1.5,"result":1}"#, Self.unknown),
            (#"{"id":null,"error":{"code":1,"message":"m"}}"#, Self.unknown), (#"{"result":1}"#, Self.unknown),
            (#"{"id":1}"#, "it has neither `result` nor `error`"),
            (#"{"id":1,"error":null}"#, "it has neither `result` nor `error`"),
            (#"{"method":7}"#, "its `method` is a number"), (#"{"id":1,"method":null}"#, "its `method` is null"),
            (#"{"method":"agent/delta"}"#, Self.delta), (#"{"method":"agent/delta","params":[]}"#, Self.delta),
            (#"{"method":"agent/delta","params":{"text":"x"}}"#, Self.delta),
            (#"{"method":"agent/delta","params":{"executionId":"e"}}"#, Self.delta),
            (#"{"method":"agent/delta","params":{"executionId":1,"text":"x"}}"#, Self.delta),
            (#"{"method":"agent/delta","params":{"executionId":"e","text":["x"]}}"#, Self.delta),
            (#"{"method":"agent/delta","params":{"executionId":"e","text":"x","kind":"Text"}}"#, Self.kinds),
            (#"{"method":"agent/delta","params":{"executionId":"e","text":"x","kind":null}}"#, Self.kinds),
        ])
    func noise(_ line: String, _ reason: String) {
        #expect(read(line) == "noise: \(reason)")
    }

    private static let unknown = "it has neither `method` nor an `id` that is known here"
    private static let delta = "an `agent/delta` has `executionId` and `text`, both strings"
    private static let kinds = "the `kind` of an `agent/delta` is `text`, `thought` or `tool`"

    @Test(
        "What is no JSON is told with what is wrong",
        arguments: ["Loading the model…", "{", #"{"id":1}}"#, "\u{0}", ""])
    func noJSON(_ line: String) {
        let told = read(line)
        #expect(told.hasPrefix("noise: ") && told.count > "noise: ".count && !told.contains("\n"))
    }
}

@Suite("Answers of plugins with an error") struct AgentFailureTests {
    private func failure(_ error: String) throws -> AgentFailure {
        AgentFailure(answer: try JSON.parse(Array(error.utf8)))
    }

    @Test(
        "What the failure is goes by `data.kind`",
        arguments: [
            ("unavailable", AgentFailure.Kind.unavailable), ("timeout", .timeout), ("failed", .failed),
            ("Unavailable", .failed), ("", .failed),
        ])
    func kinds(_ word: String, _ kind: AgentFailure.Kind) throws {
        let error = #"{"code":-32000,"message":"No key.","data":{"kind":"\#(word)"}}"#
        let failure = try failure(error)
        #expect(failure.kind == kind && failure.message == "No key.")
        #expect(failure.details.map(\.name) == ["agentError"])
        #expect(failure.details.first?.value == JSONFragment(try JSON.parse(Array(error.utf8))))
        // Without its sentence it is of that kind all the same.
        #expect(try self.failure(#"{"data":{"kind":"\#(word)"}}"#).kind == kind)
    }

    @Test(
        "Without a kind it has failed",
        arguments: [
            #"{"code":1,"message":"m"}"#, #"{"code":1,"message":"m","data":null}"#,
            #"{"code":1,"message":"m","data":"timeout"}"#, #"{"code":1,"message":"m","data":{"kind":7}}"#,
            #"{"code":1,"message":"m","kind":"timeout"}"#,
        ])
    func noKind(_ error: String) throws {
        #expect(try failure(error).kind == .failed && failure(error).message == "m")
    }

    @Test(
        "An error that is none is shown, and not kept",
        arguments: [
            #""No.""#, "7", "[]", "{}", #"{"code":1}"#, #"{"message":"m"}"#, #"{"code":"1","message":"m"}"#,
            #"{"code":1.5,"message":"m"}"#, #"{"code":1,"message":["m"]}"#, "true",
        ])
    func malformed(_ error: String) throws {
        let failure = try failure(error)
        #expect(failure.message == "The answer is an error without `code` and `message`: `\(error)`.")
        #expect(failure.details.isEmpty)
    }

    @Test("A long one is shown up to 200 bytes")
    func longMalformed() throws {
        let failure = try failure(#"["\#(String(repeating: "x", count: 300))"]"#)
        #expect(
            failure.message == "The answer is an error without `code` and `message`: "
                + "`[\"\(String(repeating: "x", count: 198))…`.")
    }

    @Test("What it tells besides is kept up to 16 KiB", arguments: [(-1, 1), (0, 1), (1, 0)])
    func size(_ over: Int, _ details: Int) throws {
        let frame = #"{"code":1,"message":"m","data":""}"#
        let filling = String(repeating: "x", count: 16 << 10 - frame.utf8.count + over)
        #expect(try failure(frame.replacing(#""""#, with: #""\#(filling)""#)).details.count == details)
    }
}
