import Agents
import Jansson
import Testing

@Suite("Which rule of a script fits") struct ScriptTests {
    private func fits(_ pattern: String, _ prompt: Text) -> Bool {
        let rule = Script.Rule(pattern: Text(pattern), outcome: .replied(AgentReply(response: "")))
        return Script(rules: [rule]).rule(for: prompt) != nil
    }

    @Test(
        "A pattern fits the whole prompt",
        arguments: [
            ("hello", "hello", true), ("hello", "hello there", false), ("hello*", "hello there", true),
            ("*there", "hello there", true),
            ("*lo th*", "hello there", true), ("*", "", true), ("", "", true), ("", "x", false), ("?", "x", true),
            ("?", "xy", false),
            ("[abc]", "b", true), ("[!abc]", "b", false), ("[a-c]x", "bx", true), ("\\*", "*", true),
            ("\\*", "x", false), ("*refund*", "My REFUND?", true),
            ("HELLO", "hello", true), ("a/b", "a/b", true), ("*", "a/b", true), ("*", ".hidden", true),
            ("a*c", "a\nb\nc", true), ("*ü*", "für", true),
            ("Ü", "ü", false), ("[", "[", true),
        ])
    func table(_ pattern: String, _ prompt: String, _ expected: Bool) {
        #expect(fits(pattern, Text(prompt)) == expected)
    }

    @Test("A NUL in the prompt counts as a space, and what stands behind it counts")
    func nul() {
        let prompt = Text(utf8: [0x61, 0, 0x62])
        #expect(fits("a b", prompt))
        #expect(!fits("a", prompt))
    }

    @Test("The first rule that fits is followed")
    func first() {
        let rules = [("*a*", "one"), ("*b*", "two"), ("*", "three")].map { pattern, reply in
            Script.Rule(pattern: Text(pattern), outcome: .replied(AgentReply(response: Text(reply))))
        }
        let script = Script(rules: rules)
        #expect(
            ["ab", "b", "c"].map { script.rule(for: Text($0))?.outcome.described } == [
                "reply: one", "reply: two", "reply: three",
            ])
        #expect(Script(rules: []).rule(for: "x") == nil)
    }
}
