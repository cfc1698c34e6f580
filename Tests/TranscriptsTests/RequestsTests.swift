import Testing
import Transcripts

@Suite("A transcript is recorded from requests") struct RequestsTests {
    private func recorded(_ requests: String, _ scene: Transcript.Scene = .init()) throws -> Transcript {
        try Transcript(requests: Array(requests.utf8), scene: scene).played(on: FakeStage.talkative())
    }

    @Test(
        "Each request is followed by what came out",
        arguments: [
            ("", ""),
            ("a\nb\n", "--> a\n<-- got a\n--> b\n<-- got b\n"),
            ("a", "--> a\n<-- got a\n"),
            ("--> a\n-->\n", "--> a\n<-- got a\n-->\n<-- got \n"),
            ("# of a\na\n\n# of b\nb\n", "# of a\n--> a\n<-- got a\n\n# of b\n--> b\n<-- got b\n"),
            (
                "#! config x\n\na\n#! advance 1s\nb\n",
                "#! config x\n\n--> a\n<-- got a\n#! advance 1s\n--> b\n<-- got b\n"
            ),
            ("a?\n\nb\n", "--> a?\n#! settle\n\n--> b\n<-- got b\n"),
            ("a?\n#! release door\nb?\n", "--> a?\n#! release door\n--> b?\n"),
            ("a?\n#! settle\nb\n", "--> a?\n#! settle\n--> b\n<-- got b\n"),
            ("  a\r\n", "-->   a\r\n<-- got   a\r\n"),
        ])
    func requests(_ requests: String, _ expected: String) throws {
        #expect(try recorded(requests).text == expected)
        #expect(try Transcript(expected).played(on: FakeStage.talkative()).text == expected)
    }

    @Test("The scene is set above all")
    func scene() throws {
        let scene = Transcript.Scene(config: "my host.json", store: "s", options: ["--a", "b"])
        let transcript = try recorded("# c\na\n", scene)
        #expect(
            transcript.text
                == "#! config my host.json\n#! store s\n#! options --a b\n# c\n--> a\n<-- got a\n")
        #expect(transcript.scene == scene)
        #expect(try Transcript(transcript.text).scene == scene)
    }

    @Test("A scene may be set partly here, partly there")
    func parts() throws {
        let transcript = try recorded("#! store s\na\n", Transcript.Scene(config: "c"))
        #expect(transcript.text == "#! config c\n#! store s\n--> a\n<-- got a\n")
        #expect(transcript.scene == Transcript.Scene(config: "c", store: "s"))
    }

    @Test(
        "What can't be taken is said with its line in the requests",
        arguments: [
            (
                "a\n<-- b\n", 2,
                "`<-- b` is a line received, and this is a list of requests: take it out, "
                    + "or write `-->` and a space before it to send it."
            ),
            ("#! store s\n", 1, "`store` is given a second time: keep one of them."),
            ("\n#! rlease s\n", 2, "There is no directive `rlease`: did you mean `release`?"),
            ("-->a\n", 1, "`-->a` lacks a space behind `-->`: put one there."),
        ])
    func faults(_ requests: String, _ line: Int, _ sentence: String) {
        #expect(throws: TranscriptFault(line: line, sentence: sentence)) {
            try recorded(requests, Transcript.Scene(store: "s"))
        }
    }

    @Test("What the stage can't do is said at its line in the requests")
    func stageFault() throws {
        let stage = FakeStage { (index, _) throws(StageFault) in
            if index == 1 { throw StageFault("No.") }
            return ["x"]
        }
        let transcript = try Transcript(requests: Array("a\n\nb\n".utf8), scene: Transcript.Scene(store: "s"))
        #expect(throws: TranscriptFault(line: 3, sentence: "No.")) { try transcript.played(on: stage) }
    }

    @Test("Where a request waits for time to pass, that passes, and the transcript says so")
    func time() throws {
        let stage = FakeStage([[], [], [#"{"id":1,"result":{}}"#], [#"{"id":2,"result":{}}"#]])
        stage.pauses = [1_500_000_000, 250_000_000]
        let requests = #"{"id":1,"method":"a"}"# + "\n" + #"{"id":2,"method":"b"}"# + "\n"
        let recorded = try Transcript(requests: Array(requests.utf8)).recorded(on: stage)
        #expect(
            recorded.text == """
                --> {"id":1,"method":"a"}
                #! advance 1500ms
                #! advance 250ms
                <-- {"id":1,"result":{}}
                --> {"id":2,"method":"b"}
                <-- {"id":2,"result":{}}

                """)
        #expect(recorded.unanswered.isEmpty)
    }

    @Test("Nothing passes for time that no request waits for")
    func idleTime() throws {
        let stage = FakeStage([[#"{"id":1,"result":{}}"#]])
        stage.pauses = [1]
        let recorded = try Transcript(requests: Array(#"{"id":1,"method":"a"}"#.utf8)).recorded(on: stage)
        #expect(stage.performed.count == 1 && recorded.unanswered.isEmpty)
    }

    @Test(
        "A request that gets no answer is told with its line and id",
        arguments: [
            ("--> {\"id\":1,\"method\":\"a\"}\n", ["1 1"]),
            ("# x\n--> {\"id\":\"a\",\"method\":\"a\"}\n<-- {\"id\":\"b\",\"result\":{}}\n", ["2 \"a\""]),
            ("--> {\"id\":1,\"method\":\"a\"}\n<-- {\"id\":1,\"error\":{}}\n", []),
            ("--> {\"id\":1,\"method\":\"a\"}\n<-- {\"id\":1,\"method\":\"a\"}\n", ["1 1"]),
            ("--> {\"method\":\"a\"}\n--> {\"id\":{},\"method\":\"a\"}\n--> no\n", []),
            (
                "--> [{\"id\":1,\"method\":\"a\"},{\"id\":2,\"method\":\"a\"}]\n<-- [{\"id\":2,\"result\":0}]\n",
                ["1 1"]
            ),
            (
                "--> {\"id\":1,\"method\":\"a\"}\n--> {\"id\":1,\"method\":\"a\"}\n<-- {\"id\":1,\"result\":0}\n",
                ["2 1"]
            ),
        ])
    func unanswered(_ text: String, _ expected: [String]) throws {
        #expect(try Transcript(text).unanswered.map { "\($0.line) \($0.id)" } == expected)
    }

    @Test(
        "A transcript in which nothing is sent is empty",
        arguments: [("", true), ("# x\n\n", true), ("--> a\n", false)])
    func empty(_ text: String, _ isEmpty: Bool) throws { #expect(try Transcript(text).isEmpty == isEmpty) }
}
