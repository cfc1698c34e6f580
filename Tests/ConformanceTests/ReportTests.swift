import Conformance
import Jansson
import Testing

@Suite("A report of checks") struct ReportTests {
    private let report = Report(
        command: ["python3", "agent.py"],
        findings: [
            Finding(.starts, .ok, "`python3` runs."),
            Finding(.unknownMethod, .short, "It is answered with `{}`; what it doesn't know is refused."),
            Finding(.loadProfile, .skipped, "It doesn't claim it."),
        ],
        errors: "one\n\u{1B}[2J two")

    @Test("is a table, the end of stderr and the sum")
    func text() {
        #expect(
            report.text(width: nil, isColored: false) == """
                starts          ok           `python3` runs.
                unknown method  falls short  It is answered with `{}`; what it doesn't know is refused.
                profile/load    not tried    It doesn't claim it.

                The end of its stderr:
                  | one
                  | \u{FFFD}[2J two

                1 check passed, 1 fell short, 1 not tried

                """)
    }

    @Test("fits a terminal")
    func narrow() {
        let lines = report.text(width: 50, isColored: false).split(separator: "\n")
        #expect(
            lines[1...3] == [
                "unknown method  falls short  It is answered with",
                "                             `{}`; what it doesn't",
                "                             know is refused.",
            ])
        #expect(lines.allSatisfy { $0.count <= 50 })
    }

    @Test("breaks words that are longer than a line")
    func longWord() {
        let finding = Finding(.starts, .short, "a " + String(repeating: "x", count: 45))
        let text = Report(command: [], findings: [finding]).text(width: 41, isColored: false)
        #expect(
            text.hasPrefix(
                """
                starts  falls short  a
                                     \(String(repeating: "x", count: 20))
                                     \(String(repeating: "x", count: 20))
                                     xxxxx

                """))
    }

    @Test("has colours that take no room")
    func colours() {
        let text = report.text(width: nil, isColored: true)
        #expect(text.contains("starts          \u{1B}[32mok         \u{1B}[m  `python3`"))
        #expect(text.contains("\u{1B}[31mfalls short\u{1B}[m  It is"))
        #expect(text.contains("\u{1B}[2m  | one\u{1B}[m"))
    }

    @Test("says nothing of stderr where all is well")
    func good() {
        let good = Report(command: [], findings: [Finding(.starts, .ok, "a")], errors: "one")
        #expect(good.isOK)
        #expect(good.text(width: nil, isColored: false) == "starts  ok           a\n\n1 check passed\n")
    }

    @Test("is JSON for scripts")
    func json() {
        let short = Report(command: ["a", "b\n"], findings: [Finding(.nul, .short, "\"No\"")])
        #expect(
            String(decoding: short.json.bytes, as: UTF8.self)
                == #"{"command":["a","b\n"],"checks":[{"name":"U+0000","outcome":"short","detail":"\"No\""}],"ok":false}"#
        )
        #expect(Report(command: [], findings: [Finding(.nul, .skipped, "")]).isOK)
    }

    @Test("What is tried is called shortly, and each check otherwise")
    func names() {
        let names = Check.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { (3...20).contains($0.count) })
    }
}
