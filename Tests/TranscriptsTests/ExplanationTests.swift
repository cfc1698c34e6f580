import Testing
import Transcripts

@Suite("What changed in JSON, in words") struct ExplanationTests {
    /// The comments below the diff of a transcript in which `came` came instead of `written`.
    private func explained(_ written: [String], _ came: [String]) throws -> [String] {
        let transcript = try Transcript("--> a\n" + written.map { "<-- \($0)\n" }.joined())
        let report = DifferenceReport(
            file: "a", written: transcript, received: try transcript.played(on: FakeStage([came])))
        let text = String(decoding: report?.text() ?? [], as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix("#") }.map(String.init)
    }

    private static let long = String(repeating: "0123456789", count: 10)
    private static let accents = String(repeating: "é", count: 50)

    @Test(
        "One line",
        arguments: [
            (#"{"a":{"b":{"c":2}}}"#, #"{"a":{"b":{"c":3}}}"#, ["a.b.c: 2 became 3"]),
            (#"{"a":"x","b":1}"#, #"{"b":1}"#, [#"a: gone (was "x")"#]),
            (#"{"b":1}"#, #"{"b":1,"a":{"c":[]}}"#, [#"a: new {"c":[]}"#]),
            (#"{"a":null}"#, "{}", ["a: gone (was null)"]),
            (#"{"a":[1,2,3]}"#, #"{"a":[1,4]}"#, ["a[1]: 2 became 4", "a[2]: gone (was 3)"]),
            (#"{"a":[]}"#, #"{"a":[{"b":1}]}"#, [#"a[0]: new {"b":1}"#]),
            (#"[{"a":1}]"#, #"[{"a":2}]"#, ["[0].a: 1 became 2"]),
            (#"{"a":{}}"#, #"{"a":[]}"#, ["a: {} became []"]),
            (#"{"a":1}"#, #"{"a":1.0}"#, ["a: 1 became 1.0"]),
            (#"{"a":"é"}"#, #"{"a":"e\u0301"}"#, ["a: \"é\" became \"e\u{301}\""]),
            ("1", "2", ["the whole value: 1 became 2"]),
            (
                #"{"a b":{"":1,"x.y":1,"q\"":1}}"#, #"{"a b":{}}"#,
                [
                    #"["a b"][""]: gone (was 1)"#, #"["a b"]["x.y"]: gone (was 1)"#, #"["a b"]["q\""]: gone (was 1)"#,
                ]
            ),
            (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, ["the same members, in another order or spelling"]),
            (#"{"a":"é"}"#, #"{"a":"\u00e9"}"#, ["the same members, in another order or spelling"]),
            (#"{"z":1,"a":1}"#, #"{"n":1,"a":2}"#, ["z: gone (was 1)", "a: 1 became 2", "n: new 1"]),
            (#"{"a":"x"}"#, "{\"a\":\"\(long)\"}", ["a: \"x\" became \"\(long.prefix(59))…"]),
            (
                "{\"a\":\"\(long)x\(long)\"}", "{\"a\":\"\(long)y\"}",
                ["a: …\(long.suffix(20))x\(long.prefix(39))… became …\(long.suffix(20))y\""]
            ),
            (
                "{\"a\":\"\(accents)é\"}", "{\"a\":\"\(accents)è\"}",
                ["a: …\(accents.suffix(10))é\" became …\(accents.suffix(10))è\""]
            ),
            (
                #"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1}"#, "{}",
                ["a", "b", "c", "d", "e", "f", "g", "h"].map { "\($0): gone (was 1)" }
            ),
            (
                #"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1}"#, "{}",
                ["a", "b", "c", "d", "e", "f", "g", "h"].map { "\($0): gone (was 1)" } + ["… and 2 more"]
            ),
        ])
    func line(_ written: String, _ came: String, _ expected: [String]) throws {
        #expect(try explained([written], [came]) == ["# line 2:"] + expected.map { "#     \($0)" })
    }

    @Test(
        "Nothing is said of what is not JSON on both sides",
        arguments: [("x", "{}"), ("{}", "x"), ("{\"a\":1,\"a\":2}", "{}")])
    func notJSON(_ written: String, _ came: String) throws {
        #expect(try explained([written], [came]).isEmpty)
    }

    @Test("Nothing is said of a line that only got its line end")
    func lineEnd() throws {
        let transcript = try Transcript("--> a\n<-- {}")
        let received = try transcript.played(on: FakeStage([["{}", "x"]]))
        let text = DifferenceReport(file: "a", written: transcript, received: received)?.text() ?? []
        #expect(String(decoding: text, as: UTF8.self).hasSuffix("+<-- {}\n+<-- x\n"))
    }

    @Test("Lines are matched in order")
    func inOrder() throws {
        let explained = try explained([#"{"a":1}"#, "x", #"{"a":2}"#], [#"{"a":3}"#, #"{"a":4}"#])
        #expect(explained == ["# line 2:", "#     a: 1 became 3", "# line 4:", "#     a: 2 became 4"])
    }

    @Test("Answers to one request, and notifications of one method, are matched first")
    func counterparts() throws {
        let explained = try explained(
            [#"{"method":"m","params":1}"#, #"{"id":1,"result":1}"#, #"{"id":null,"error":1}"#],
            [#"{"method":"n"}"#, #"{"id":null,"error":2}"#, #"{"id":1,"result":2}"#, #"{"method":"m","params":2}"#])
        #expect(
            explained == [
                "# line 2:", "#     params: 1 became 2", "# line 3:", "#     result: 1 became 2", "# line 4:",
                "#     error: 1 became 2",
            ])
    }

    @Test("Each of very many lines is matched with the answer to its request")
    func many() throws {
        let count = 5000
        let written = (0..<count).map { #"{"id":\#($0),"n":1}"# }
        let came = (0..<count).reversed().map { #"{"id":\#($0),"n":2}"# }
        #expect(
            try explained(written, came)
                == (0..<count).flatMap { ["# line \($0 + 2):", "#     n: 1 became 2"] })
    }

    @Test("Deeply nested values are compared to the bottom")
    func deep() throws {
        let depth = 2000
        func nested(_ value: String) -> String {
            String(repeating: "[", count: depth) + value + String(repeating: "]", count: depth)
        }
        let explained = try explained([nested("1")], [nested("2")])
        #expect(explained == ["# line 2:", "#     " + String(repeating: "[0]", count: depth) + ": 1 became 2"])
    }
}
