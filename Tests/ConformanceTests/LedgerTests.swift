import Jansson
import Testing

@testable import Conformance

@Suite("What a plugin says is held against the protocol line by line") struct LedgerTests {
    /// Of an execution `e` with the id 1 and another request with the id 2.
    private func ledger(_ lines: [String], cancelling: Bool = false) -> Ledger {
        var ledger = Ledger()
        ledger.ask(1, executionId: "e")
        ledger.ask(2)
        if cancelling { ledger.cancel(1) }
        for line in lines { _ = ledger.hear(Array(line.utf8)[...]) }
        return ledger
    }

    private static func piece(_ members: String) -> String {
        #"{"jsonrpc":"2.0","method":"agent/delta","params":{\#(members)}}"#
    }
    private static let reply = #"{"jsonrpc":"2.0","id":1,"result":{"response":"ab"}}"#

    @Test(
        "What is right is no fault",
        arguments: [
            [reply],
            [piece(#""executionId":"e","text":"a""#), piece(#""executionId":"e","text":"b","kind":"text""#), reply],
            [piece(#""executionId":"e","text":"hm","kind":"thought""#), reply],
            [piece(#""executionId":"e","text":"a","kind":"tool","more":1"#)],
            ["", " \t\r", #"{"jsonrpc":"2.0","method":"agent/mood"}"#],
            [#"{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"No."}}"#, reply + "\r"],
        ])
    func right(_ lines: [String]) {
        let ledger = ledger(lines)
        #expect(ledger.faults.isEmpty)
        #expect(ledger.strays.isEmpty)
    }

    @Test(
        "A fault belongs to the check that is called after it",
        arguments: [
            (Check.stdout, ["hello"]), (.stdout, ["1"]), (.stdout, ["{}"]), (.stdout, [#"{"id":1}"#]),
            (.stdout, [#"{"jsonrpc":"2.0","id":1,"error":null}"#]), (.stdout, [#"{"method":1}"#]),
            (.stdout, [#"{"jsonrpc":"2.0","id":1,"result":{"response":"\ud83d"}}"#]),
            (.answers, [#"{"id":2,"result":{}}"#]), (.answers, [#"{"jsonrpc":2.0,"id":2,"result":{}}"#]),
            (.answers, [#"{"jsonrpc":"2.0","id":2,"result":{},"error":null}"#]),
            (.answers, [#"{"jsonrpc":"2.0","id":2,"error":"No."}"#]),
            (.answers, [#"{"jsonrpc":"2.0","id":2,"error":{"code":"1","message":"No."}}"#]),
            (.ids, [#"{"jsonrpc":"2.0","id":"2","result":{}}"#]), (.ids, [#"{"jsonrpc":"2.0","id":2.0,"result":{}}"#]),
            (.pieces, [piece(#""executionId":"f","text":"a""#)]), (.pieces, [piece(#""text":"a""#)]),
            (.pieces, [piece(#""executionId":"e""#)]), (.pieces, [#"{"method":"agent/delta"}"#]),
            (.pieces, [piece(#""executionId":"e","text":"a","kind":"word""#)]),
            (.pieces, [piece(#""executionId":"e","text":"a","kind":null"#)]),
            (.pieces, [piece(#""executionId":"e","text":"a""#), reply]),
            (.pieces, [reply, piece(#""executionId":"e","text":"","kind":"thought""#)]),
            (.metadata, [#"{"jsonrpc":"2.0","id":1,"result":{"response":"","metadata":{"tools_used":1}}}"#]),
        ])
    func faulty(_ check: Check, _ lines: [String]) {
        let ledger = ledger(lines)
        #expect(Array(ledger.faults.keys) == [check])
        #expect(ledger.strays.isEmpty)
    }

    @Test("An answer to what was not asked, or was answered before, is a stray", arguments: ["2", "3", "null", "-1"])
    func strays(_ id: String) {
        let answer = #"{"jsonrpc":"2.0","id":2,"result":{}}"#
        let stray = #"{"jsonrpc":"2.0","id":\#(id),"result":{}}"#
        var ledger = ledger([answer, stray])
        #expect(ledger.strays == [stray])
        #expect(ledger.faults.isEmpty)
        #expect(ledger.takeStrays(from: 1).isEmpty)
        #expect(ledger.takeStrays(from: 0) == [stray])
        #expect(ledger.strays.isEmpty)
    }

    @Test("What was cancelled may be answered with less than its pieces")
    func cancelled() {
        let lines = [Self.piece(#""executionId":"e","text":"a""#), Self.reply]
        #expect(ledger(lines, cancelling: true).faults.isEmpty)
    }

    @Test("An answer that is only called wrongly counts")
    func answer() throws {
        let ledger = ledger([#"{"id":"2","error":{"code":-32601,"message":"No.","data":{"kind":"timeout"}}}"#])
        guard case .error(let error) = ledger.answer(to: 2) else {
            Issue.record("There is no such error.")
            return
        }
        #expect(error.code == -32601 && error.isExcuse)
        #expect(ledger.answer(to: 1) == nil)
    }

    @Test("The first fault is the one that is told")
    func first() {
        let fault = ledger(["first", "second"]).faults[.stdout]
        #expect(fault?.contains("`first`") == true)
    }

    @Test("A plugin that asks is refused, with its own id")
    func refusal() throws {
        var ledger = Ledger()
        let line = #"{"jsonrpc":"2.0","id":"mine","method":"host/files"}"#
        let refusal = ledger.hear(Array(line.utf8)[...])
        let json = try JSON.parse(try #require(refusal))
        #expect(json["id"]?.text == "mine" && json["error"]?["code"]?.integer == -32601)
        #expect(ledger.faults.isEmpty)
    }
}
