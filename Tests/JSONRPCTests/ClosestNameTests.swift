import JSONRPC
import Testing

@Suite("The name that was meant") struct ClosestNameTests {
    private static let known = [
        "conversation/start", "conversation/send", "conversation/end", "agent/list", "ping", "shutdown",
    ]

    @Test(
        arguments: [
            ("conversation/sned", "conversation/send"), ("conversation/Start", "conversation/start"), ("pong", "ping"),
            ("pin", "ping"),
            ("PING", "ping"), ("agents/list", "agent/list"), ("conversations/send", "conversation/send"),
            ("shutdwon", "shutdown"),
            ("conversation/ends", "conversation/end"),
        ])
    func near(_ name: String, _ meant: String) {
        #expect(closestName(to: name, among: Self.known) == meant)
    }

    @Test(
        "Where none is near there is none",
        arguments: ["", "tools/call", "textDocument/didOpen", "x", String(repeating: "ping", count: 1000)])
    func far(_ name: String) {
        #expect(closestName(to: name, among: Self.known) == nil)
    }

    @Test func ofNoNamesNoneIsNear() {
        #expect(closestName(to: "ping", among: []) == nil)
    }
}
