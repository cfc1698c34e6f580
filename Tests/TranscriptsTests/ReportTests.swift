import Testing
import Transcripts

@Suite("A report of differences") struct ReportTests {
    private func report(_ written: String, _ answers: [[String]], isColored: Bool = false) throws -> String? {
        let written = try Transcript(written)
        let received = try written.played(on: FakeStage(answers))
        let report = DifferenceReport(file: "a.transcript", written: written, received: received)
        return report.map { String(decoding: $0.text(isColored: isColored), as: UTF8.self) }
    }

    @Test("There is none where nothing differs", arguments: ["", "--> a\n<-- x\n", "--> a\n# c\n<-- x"])
    func none(_ text: String) throws {
        #expect(try report(text, [["x"]]) == nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
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

    static let cases = [
        Case(
            "a changed line", "# c\n--> a\n<-- x\n", [["y"]],
            """
            a.transcript:3: another line came than is written here.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1,3 +1,3 @@
             # c
             --> a
            -<-- x
            +<-- y

            """),
        Case(
            "a missing line", "--> a\n<-- x\n<-- y\n", [["x"]],
            """
            a.transcript:3: this line did not come.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1,3 +1,2 @@
             --> a
             <-- x
            -<-- y

            """),
        Case(
            "an extra line", "--> a\n<-- y\n", [["x", "y"]],
            """
            a.transcript:1: behind this line came what is not written.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1,2 +1,3 @@
             --> a
            +<-- x
             <-- y

            """),
        Case(
            "a line count of one", "--> a", [["x"]],
            #"""
            a.transcript:1: behind this line came what is not written.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1 +1,2 @@
            ---> a
            \ No newline at end of file
            +--> a
            +<-- x

            """#),
        Case(
            "a missing line end in the context", "--> a\n<-- x\n#end", [["y"]],
            #"""
            a.transcript:2: another line came than is written here.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1,3 +1,3 @@
             --> a
            -<-- x
            -#end
            \ No newline at end of file
            +<-- y
            +#end

            """#),
        Case(
            "a missing line end next to another change", "--> a\n<-- x\n--> b", [["y"], ["z"]],
            #"""
            a.transcript:2: another line came than is written here; 2 of 2 exchanges differ.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1,3 +1,4 @@
             --> a
            -<-- x
            ---> b
            \ No newline at end of file
            +<-- y
            +--> b
            +<-- z

            """#),
        Case(
            "three lines of context, and hunks that touch are one",
            "#1\n#2\n#3\n--> a\n<-- x\n#6\n#7\n#8\n#9\n#10\n--> b\n<-- x\n#13\n#14\n#15\n#16\n", [["y"], ["y"]],
            """
            a.transcript:5: another line came than is written here; 2 of 2 exchanges differ.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -2,14 +2,14 @@
             #2
             #3
             --> a
            -<-- x
            +<-- y
             #6
             #7
             #8
             #9
             #10
             --> b
            -<-- x
            +<-- y
             #13
             #14
             #15

            """),
        Case(
            "seven lines between are two hunks",
            "--> a\n<-- x\n\n#4\n#5\n#6\n#7\n#8\n--> b\n<-- x\n--> c\n<-- x\n", [["y", "z"], ["y"], ["x"]],
            """
            a.transcript:2: another line came than is written here; 2 of 3 exchanges differ.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1,5 +1,6 @@
             --> a
            -<-- x
            +<-- y
            +<-- z
            \u{20}
             #4
             #5
            @@ -7,6 +8,6 @@
             #7
             #8
             --> b
            -<-- x
            +<-- y
             --> c
             <-- x

            """),
        Case(
            "an answer is not taken for one to another request", "--> a\n<-- x\n--> b\n<-- y\n", [["y"], ["x"]],
            """
            a.transcript:2: another line came than is written here; 2 of 2 exchanges differ.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1,4 +1,4 @@
             --> a
            -<-- x
            +<-- y
             --> b
            -<-- y
            +<-- x

            """),
        Case(
            "what changed in the JSON stands below each hunk",
            "--> a\n<-- {\"id\":1,\"n\":2}\n#3\n#4\n#5\n#6\n#7\n#8\n--> b\n<-- {\"id\":2}\n<-- no\n",
            [["{\"id\":1,\"n\":3}"], ["{\"id\":2,\"m\":null}", "{}"]],
            """
            a.transcript:2: another line came than is written here; 2 of 2 exchanges differ.
            --- a.transcript (written)
            +++ a.transcript (received)
            @@ -1,5 +1,5 @@
             --> a
            -<-- {"id":1,"n":2}
            +<-- {"id":1,"n":3}
             #3
             #4
             #5
            # line 2:
            #     n: 2 became 3
            @@ -7,5 +7,5 @@
             #7
             #8
             --> b
            -<-- {"id":2}
            -<-- no
            +<-- {"id":2,"m":null}
            +<-- {}
            # line 10:
            #     m: new null

            """),
    ]

    @Test("The whole of it", arguments: cases)
    func whole(_ one: Case) throws {
        #expect(try report(one.written, one.answers) == one.expected)
    }

    @Test("In colours, the lines of the diff stand out and nothing else changes")
    func colors() throws {
        let colored = try #require(try report("--> a\n<-- x\n# c\n", [["y"]], isColored: true))
        let expected = """
            a.transcript:2: another line came than is written here.
            --- a.transcript (written)
            +++ a.transcript (received)
            \u{1B}[36m@@ -1,3 +1,3 @@\u{1B}[m
             --> a
            \u{1B}[31m-<-- x\u{1B}[m
            \u{1B}[32m+<-- y\u{1B}[m
             # c

            """
        #expect(colored == expected)
    }

    @Test("Lines of any bytes are in the diff byte for byte")
    func bytes() throws {
        let written = try Transcript(parsing: Array("--> a\n<-- ".utf8) + [0xFF, 0x1B, 0x0D, 0x0A])
        let received = try written.played(on: FakeStage([]))
        let text = DifferenceReport(file: "a", written: written, received: received)?.text() ?? []
        #expect(text.suffix(9).elementsEqual(Array("-<-- ".utf8) + [0xFF, 0x1B, 0x0D, 0x0A]))
    }

    @Test("Far too many lines to compare one by one are one change between what is alike at both ends")
    func many() throws {
        let lines = (0..<3000).map { "l\($0)" }
        let came = (0..<3000).map { $0 % 2 == 0 ? "c\($0)" : "l\($0)" }
        let written = "--> a\n<-- first\n" + lines.map { "<-- \($0)\n" }.joined() + "<-- last\n"
        let text = try #require(try report(written, [["first"] + came + ["l2999", "last"]]))
        #expect(text.contains("@@ -1,3003 +1,3004 @@\n --> a\n <-- first\n-<-- l0\n-<-- l1\n"))
        #expect(text.hasSuffix("+<-- c2998\n+<-- l2999\n <-- l2999\n <-- last\n"))
    }
}
