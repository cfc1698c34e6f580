import JSONRPC
import Jansson
import Testing

@Suite("What a line of JSON is") struct IncomingMessageTests {
    private func message(_ text: String) throws -> IncomingMessage { IncomingMessage(try JSON.parse(text.utf8)) }

    @Test(
        "Requests",
        arguments: [
            (#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, RequestID.integer(1)),
            (#"{"jsonrpc":"2.0","id":"a","method":"ping","params":{}}"#, .string("a")),
            (#"{"jsonrpc":"2.0","id":null,"method":"ping","params":null}"#, .null),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping","params":[]}"#, .real(1.5)),
            (#"{"method":"ping","id":-7,"jsonrpc":"2.0","params":[1]}"#, .integer(-7)),
            (#"{"jsonrpc":"2.0","id":"","method":"ping","other":1}"#, .string("")),
        ])
    func requests(_ text: String, _ expected: RequestID) throws {
        guard case .request(let id, let method, _) = try message(text) else {
            Issue.record("it is taken for no request")
            return
        }
        #expect(id == expected && method == "ping")
    }

    @Test("A request without an id is a notification; one whose id is null is not")
    func notification() throws {
        guard case .request(nil, "x/y", let params) = try message(#"{"jsonrpc":"2.0","method":"x/y","params":{"a":1}}"#)
        else {
            Issue.record("it is taken for no notification")
            return
        }
        #expect(params?["a"]?.integer == 1)
    }

    @Test(
        "Answers, though nothing was asked",
        arguments: [
            #"{"jsonrpc":"2.0","id":1,"result":{}}"#, #"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#,
            #"{"result":null}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{}}"#,
        ])
    func responses(_ text: String) throws {
        guard case .response = try message(text) else {
            Issue.record("it is taken for no answer")
            return
        }
    }

    @Test(
        "JSON, but no message",
        arguments: [
            ("1", .null, "object"), ("\"a\"", .null, "object"), ("null", .null, "object"), ("[]", .null, "object"),
            ("{}", .null, "jsonrpc"),
            (#"{"id":1,"method":"ping"}"#, .integer(1), "jsonrpc"),
            (#"{"jsonrpc":"1.0","id":"x","method":"ping"}"#, .string("x"), "jsonrpc"),
            (#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, .integer(1), "jsonrpc"),
            (#"{"jsonrpc":"2.0","id":1}"#, .integer(1), "method"),
            (#"{"jsonrpc":"2.0","id":1,"method":7}"#, .integer(1), "method"),
            (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, .null, "id"),
            (#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, .null, "id"),
            (#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, .null, "id"),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":7}"#, .integer(1), "params"),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#, .integer(1), "params"),
            (#"{"jsonrpc":"2.0","method":"ping","params":false}"#, .null, "params"),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","result":1}"#, .integer(1), "method"),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","error":{}}"#, .integer(1), "method"),
        ] as [(String, RequestID, String)])
    func invalid(_ text: String, _ expected: RequestID, _ word: String) throws {
        guard case .invalid(let id, let error) = try message(text) else {
            Issue.record("it is taken for a message")
            return
        }
        #expect(id == expected && error.kind == .invalidRequest && error.message.contains(word))
    }
}
