import Jansson
import TestSupport
import Testing
import Transcripts

@Suite("A transcript is played in lock-step") struct PlayingTests {
    @Test(
        "What is done to the host",
        arguments: [
            ("", []),
            ("# a\n\n", []),
            ("--> a\n--> b\n", [.send("a", "b")]),
            ("--> a\n# still\n\n--> b\n<-- c\n--> d\n", [.send("a", "b"), .send("d")]),
            ("-->\n--> \n-->  a\n", [.send("", "", " a")]),
            ("--> a\n#! advance 1s\n--> b\n", [.send("a"), .advance(nanoseconds: 1_000_000_000), .send("b")]),
            ("--> a\n#! release big door \n<-- x\n--> b\n", [.send("a"), .release("big door"), .send("b")]),
            ("#! advance 1ms\n#! advance 1ms\n", [.advance(nanoseconds: 1_000_000), .advance(nanoseconds: 1_000_000)]),
            ("--> a\n# c\n#! settle\n# d\n--> b\n--> c\n", [.send("a"), .send("b", "c")]),
            ("#! settle\n--> a\n<-- x\n#! settle\n--> b\n", [.send("a"), .send("b")]),
        ] as [(String, [Stimulus])])
    func stimuli(_ text: String, _ expected: [Stimulus]) throws {
        let stage = FakeStage([])
        _ = try Transcript(text).played(on: stage)
        #expect(stage.performed == expected)
    }

    @Test(
        "Where what comes is what is written, nothing moves",
        arguments: [
            ("--> a\n<-- x", [["x"]]),
            (
                "# 1\n--> a\n# 2\n\n<-- x\n\n# 3\n<-- y\n\n# 4\n--> b\n--> c\n#! advance 1s\n<-- z",
                [["x", "y"], [], ["z"]]
            ),
            ("--> a\n#! settle\n--> b\n<-- x\n#! settle\n\n", [[], ["x"]]),
            ("--> a\n<-- \n<--\n", [["", ""]]), ("--> a\r\n<-- x\r\n", [["x\r"]]), ("--> a", [[]]),
        ])
    func unmoved(_ text: String, _ answers: [[String]]) throws {
        #expect(try Transcript(text).played(on: FakeStage(answers)).text == text)
    }

    struct Rewriting: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let written: String
        let answers: [[String]]
        let expected: String

        init(_ name: String, _ written: String, _ answers: [[String]], _ expected: String) {
            testDescription = name
            self.written = written
            self.answers = answers
            self.expected = expected
        }
    }

    @Test(
        "What comes takes the place of what is written",
        arguments: [
            Rewriting("changed", "--> a\n<-- x\n", [["y"]], "--> a\n<-- y\n"),
            Rewriting("missing", "--> a\n<-- x\n<-- y\n", [["x"]], "--> a\n<-- x\n"),
            Rewriting("extra", "--> a\n<-- x\n", [["w", "x", "y"]], "--> a\n<-- w\n<-- x\n<-- y\n"),
            Rewriting(
                "first ever", "--> a\n\n# next\n--> b\n<-- y\n", [["x", "y"]], "--> a\n\n# next\n--> b\n<-- x\n<-- y\n"),
            Rewriting(
                "first ever, before a comment", "#! advance 1s\n\n# next\n--> b\n<-- y\n", [["x"], ["y"]],
                "#! advance 1s\n<-- x\n\n# next\n--> b\n<-- y\n"),
            Rewriting("an empty line", "--> a\n<-- x\n", [[""]], "--> a\n<--\n"),
            Rewriting("no final line end", "--> a\n<-- x", [["x", "y"]], "--> a\n<-- x\n<-- y\n"),
            Rewriting("no final line end, nothing received", "--> a", [["x"]], "--> a\n<-- x\n"),
            Rewriting("no final line end, none left", "--> a\n<-- x", [[]], "--> a\n"),
            Rewriting(
                "comments keep their lines", "--> a\n# of x\n<-- x\n# of y\n<-- y\n# of z\n<-- z\n\n# end\n",
                [["x", "Y", "z"]], "--> a\n# of x\n<-- x\n# of y\n<-- Y\n# of z\n<-- z\n\n# end\n"),
            Rewriting(
                "comments keep their lines when all change", "--> a\n# of x\n<-- x\n# of y\n<-- y\n\n# end\n",
                [["X", "Y", "Z"]], "--> a\n# of x\n<-- X\n# of y\n<-- Y\n<-- Z\n\n# end\n"),
            Rewriting(
                "a new first line stands below the comment above", "--> a\n# answers\n<-- x\n", [["w", "x"]],
                "--> a\n# answers\n<-- w\n<-- x\n"),
            Rewriting(
                "a new line stands above the next line's comment", "--> a\n<-- x\n# of y\n<-- y\n", [["x", "n", "y"]],
                "--> a\n<-- x\n<-- n\n# of y\n<-- y\n"),
            Rewriting(
                "comments outlive their lines", "--> a\n# of x\n<-- x\n# of y\n<-- y\n\n--> b\n<-- z\n",
                [["y"], ["z"]],
                "--> a\n# of x\n# of y\n<-- y\n\n--> b\n<-- z\n"),
            Rewriting(
                "what is sent apart stays apart", "--> a\n# of x\n<-- x\n\n--> b\n<-- y\n", [[], ["y"]],
                "--> a\n#! settle\n# of x\n\n--> b\n<-- y\n"),
            Rewriting(
                "no need to keep apart", "--> a\n<-- x\n#! advance 1s\n<-- y\n--> b\n<-- z\n", [[], [], []],
                "--> a\n#! advance 1s\n--> b\n"),
            Rewriting(
                "what is received stands before a settle", "--> a\n# c\n#! settle\n--> b\n", [["x"], []],
                "--> a\n<-- x\n# c\n#! settle\n--> b\n"),
        ])
    func rewriting(_ rewriting: Rewriting) throws {
        let played = try Transcript(rewriting.written).played(on: FakeStage(rewriting.answers))
        #expect(played.text == rewriting.expected)
    }

    @Test("What the stage can't do is said at the stimulus's line")
    func stageFault() throws {
        let stage = FakeStage { (index, _) throws(StageFault) in
            if index == 1 { throw StageFault("Nobody waits at `door`.") }
            return ["x", "y"]
        }
        let transcript = try Transcript("# c\n--> a\n\n# d\n#! release door\n<-- z\n")
        #expect(throws: TranscriptFault(line: 5, sentence: "Nobody waits at `door`.")) {
            try transcript.played(on: stage)
        }
    }

    @Test("Whatever comes, the new file says it, keeps its comments, and plays again as it is")
    func again() throws {
        var generator = Generator(seed: 2)
        let lines = ["--> a\n", "--> b\n", "<-- x\n", "<-- y\n", "# c\n", "\n", "#! advance 1s\n", "#! settle\n"]
        var played = 0
        while played < 500 {
            let text = (0..<generator.below(16)).map { _ in generator.pick(lines) }.joined()
            guard let written = try? Transcript(text) else { continue }
            played += 1
            let answers = (0..<16).map { _ in (0..<generator.below(4)).map { _ in generator.pick(["x", "y", "z"]) } }
            let once = try written.played(on: FakeStage(answers))
            let (first, second) = (FakeStage(answers), FakeStage(answers))
            _ = try written.played(on: first)
            #expect(try Transcript(parsing: once.bytes).played(on: second).text == once.text)
            #expect(first.performed == second.performed)
            func notes(_ text: String) -> [Substring] {
                text.split(separator: "\n", omittingEmptySubsequences: false).filter { $0.isEmpty || $0 == "# c" }
            }
            #expect(notes(once.text) == notes(text))
        }
    }
}
