import Jansson
import TestSupport
import Testing
import Transcripts

@Suite("A transcript's file is read") struct ParsingTests {
    @Test(
        "What is parsed gives its bytes back",
        arguments: [
            "", "\n", "# only a comment", "#", "#\n##\n#x\n", "--> a", "--> a\n<-- b\n", "-->\n<--\n", "--> \n<-- \n",
            "-->  two spaces\n<-- \ttab\n", "--> a\r\n<-- b\r\n", "\n \t\r\n--> a\n\n\n", "--> \u{0}\u{7F}é\u{2028}\n",
            "#!config a b.json\n#!   store   d  \n#!\toptions --a\t--b c\n--> a\n", "#! advance 1s\n<-- b\n",
            "#! release door\n# c\n<-- b\n# d\n<-- e\n", "--> a\n#! settle\n--> b\n", "--> --> a\n<-- <-- b\n",
        ])
    func identity(_ text: String) throws {
        #expect(try Transcript(text).text == text)
    }

    @Test("A line holds any bytes but a line end")
    func anyBytes() throws {
        let bytes = Array("--> ".utf8) + (0...255).filter { $0 != 0x0A } + [0x0A]
        let transcript = try Transcript(parsing: bytes)
        let stage = FakeStage([])
        _ = try transcript.played(on: stage)
        #expect(transcript.bytes == bytes)
        #expect(stage.performed == [.send([(0...255).filter { $0 != 0x0A }])])
    }

    @Test(
        "The scene",
        arguments: [
            ("", Transcript.Scene()),
            ("#! config my host.json\n", Transcript.Scene(config: "my host.json")),
            ("# first\n\n#! store\ta/b \r\n", Transcript.Scene(store: "a/b")),
            (
                "#! options --durability  fsync\n#! settle\n#! config é\n--> a\n",
                Transcript.Scene(config: "é", options: ["--durability", "fsync"])
            ),
        ])
    func scene(_ text: String, _ expected: Transcript.Scene) throws {
        #expect(try Transcript(text).scene == expected)
    }

    private static let known = "`config`, `store`, `options`, `advance`, `release`, `settle`"
    private static let kinds =
        "begin it with `--> ` (sent), `<-- ` (received), `# ` (a comment) or `#! ` (a directive)."
    private static let long = String(repeating: "x", count: 70)

    @Test(
        "What can't be taken is said with its line",
        arguments: [
            ("{}", 1, "`{}` is no line of a transcript: \(kinds)"),
            ("--> a\n  --> b\n", 2, "`  --> b` is no line of a transcript: \(kinds)"),
            (long, 1, "`\(long.prefix(60))…` is no line of a transcript: \(kinds)"),
            ("--> a\n\n-->b\n", 3, "`-->b` lacks a space behind `-->`: put one there."),
            ("--> a\n<--b\n", 2, "`<--b` lacks a space behind `<--`: put one there."),
            (
                "# a\n<-- b\n", 2,
                "Nothing was sent before this `<--`: a line received stands behind a `-->`, an `advance` or a `release`."
            ),
            (
                "--> a\n#! settle\n# c\n<-- b\n", 4,
                "Nothing was sent since `#! settle`: put this `<--` before it, or take the directive out."
            ),
            ("#!\n", 1, "Behind `#!` a directive is missing: known are \(known)."),
            ("#! advnace 1s\n", 1, "There is no directive `advnace`: did you mean `advance`?"),
            ("#! Config x\n", 1, "There is no directive `Config`: did you mean `config`?"),
            ("#!/bin/sh\n", 1, "There is no directive `/bin/sh`: known are \(known)."),
            ("#! config \n", 1, "Behind `config` something is missing: write it as in `#! config parley.json`."),
            ("#! store", 1, "Behind `store` something is missing: write it as in `#! store some/folder`."),
            (
                "#! options\n", 1,
                "Behind `options` something is missing: write it as in `#! options --durability fsync`."
            ),
            ("#! advance\n", 1, "Behind `advance` something is missing: write it as in `#! advance 60s`."),
            ("#! release\t\n", 1, "Behind `release` something is missing: write it as in `#! release door`."),
            ("#! settle down\n", 1, "`settle` takes nothing, not `down`: leave that out."),
            ("#! config a\n#! config b\n", 2, "`config` is given a second time: keep one of them."),
            ("#! store a\n\n#! store a\n", 3, "`store` is given a second time: keep one of them."),
            ("#! options a\n#! options b\n", 2, "`options` is given a second time: keep one of them."),
            (
                "--> a\n#! config b\n", 2,
                "`config` sets the scene: move it above everything that is sent, advanced or released."
            ),
            (
                "#! advance 1s\n#! store b\n", 2,
                "`store` sets the scene: move it above everything that is sent, advanced or released."
            ),
            (
                "#! release a\n#! options b\n", 2,
                "`options` sets the scene: move it above everything that is sent, advanced or released."
            ),
        ])
    func faults(_ text: String, _ line: Int, _ sentence: String) {
        #expect(throws: TranscriptFault(line: line, sentence: sentence)) { try Transcript(text) }
    }

    @Test("A directive that is not UTF-8")
    func notUTF8() {
        let bytes = Array("--> a\n#! release ".utf8) + [0xFF, 0x0A]
        let fault = TranscriptFault(line: 2, sentence: "This directive is not UTF-8: save the file as that.")
        #expect(throws: fault) { try Transcript(parsing: bytes) }
    }

    @Test("A fault is placed as editors take it")
    func located() {
        #expect(TranscriptFault(line: 3, sentence: "So.").located(in: "a/b.transcript") == "a/b.transcript:3: So.")
    }

    @Test(
        "Durations",
        arguments: [
            ("60s", 60_000_000_000), ("250ms", 250_000_000), ("5m", 300_000_000_000), ("1h", 3_600_000_000_000),
            ("0.5s", 500_000_000), ("0.1ms", 100_000), ("0.000001ms", 1), ("1.5h", 5_400_000_000_000),
            ("876000h", 3_153_600_000_000_000_000),
        ])
    func durations(_ text: String, _ nanoseconds: Int64) throws {
        let stage = FakeStage([])
        _ = try Transcript("#! advance \(text)\n").played(on: stage)
        #expect(stage.performed == [.advance(nanoseconds: nanoseconds)])
    }

    private static let wanted = "is no duration: write a number and `ms`, `s`, `m` or `h`, as in `1.5s`."
    private static let tooLong = "is too long: advance by at most `876000h` at once."

    @Test(
        "What is no duration",
        arguments: [
            ("60", wanted), ("s", wanted), ("-1s", wanted), ("+1s", wanted), ("1 s", wanted), ("1.2.3s", wanted),
            (".s", wanted), ("1e3s", wanted), ("0x1s", wanted), ("infs", wanted), ("1S", wanted), ("1m30s", wanted),
            ("٣s", wanted), ("1d", wanted), ("0s", "is no time at all: advance by more than 0."),
            ("0.0000001ms", "is no time at all: advance by more than 0."), ("876001h", tooLong),
            (String(repeating: "9", count: 40) + "s", tooLong),
        ])
    func noDurations(_ text: String, _ sentence: String) {
        #expect(throws: TranscriptFault(line: 1, sentence: "`\(text)` \(sentence)")) {
            try Transcript("#! advance \(text)\n")
        }
    }

    @Test("Any bytes are a transcript that gives them back, or a fault in one of their lines")
    func anything() {
        var generator = Generator(seed: 1)
        let pieces = ["-->", "<--", "#", "!", " ", "\n", "a", "advance", "1s", "settle", "config", "é", "\r", "\t"]
        for _ in 0..<2000 {
            let text = (0..<generator.below(20)).map { _ in generator.pick(pieces) }.joined()
            do throws(TranscriptFault) {
                let transcript = try Transcript(parsing: Array(text.utf8))
                #expect(transcript.text == text)
            } catch {
                #expect(error.line >= 1 && error.line <= text.utf8.count { $0 == 0x0A } + 1)
            }
        }
    }
}
