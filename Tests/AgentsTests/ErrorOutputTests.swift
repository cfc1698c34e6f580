import Jansson
import Logging
import Testing

@testable import Agents

@Suite("What programs write on stderr") struct ErrorOutputTests {
    private let logged = LoggedLines()

    private func output(_ parts: [String], _ level: Logger.Level = .info) -> ErrorOutput {
        var output = ErrorOutput(of: "a", to: logged.logger(level))
        for part in parts { output.add(Array(part.utf8)) }
        return output
    }

    @Test(
        "Each line goes to the log when it is whole, however it comes; what is empty doesn't",
        arguments: [
            (["one\n"], ["one"]), (["one"], []), (["o", "ne", "\n"], ["one"]), (["one\ntwo\nthr"], ["one", "two"]),
            (["one\nt", "wo\n\nth", "ree\n"], ["one", "two", "three"]), (["\n\n"], []), ([""], []),
            (["ü\n"], ["ü"]), (["a\u{0}b\tc\u{1B}[31m\n"], ["a?b\tc?[31m"]),
        ] as [([String], [String])])
    func lines(_ parts: [String], _ expected: [String]) {
        _ = output(parts)
        #expect(logged.all == expected.map { "info: a: \($0)" })
    }

    @Test("At the end the line that is not whole is one too, once")
    func lastLine() {
        var output = output(["one\ntwo"])
        output.finishLine()
        output.finishLine()
        #expect(logged.all == ["info: a: one", "info: a: two"])
    }

    @Test("A character that is cut is one in the log")
    func cutCharacter() {
        var output = output([])
        output.add([0xE2])
        output.add([0x82, 0xAC, 0x0A, 0xFF, 0x0A])
        #expect(logged.all == ["info: a: €", "info: a: \u{FFFD}"])
    }

    @Test("A long line is logged up to its bound")
    func longLine() {
        _ = output([String(repeating: "x", count: 5000) + "\nnext\n"])
        #expect(logged.all == ["info: a: " + String(repeating: "x", count: ErrorOutput.bound), "info: a: next"])
    }

    @Test("A line that never ends doesn't grow for ever")
    func endless() {
        var output = output([])
        for _ in 0..<100 { output.add([UInt8](repeating: 0x78, count: 1000)) }
        #expect(logged.all.isEmpty)
        output.finishLine()
        #expect(logged.all == ["info: a: " + String(repeating: "x", count: ErrorOutput.bound)])
    }

    @Test("Where nobody looks nothing is logged, but the end is kept", arguments: [Logger.Level.notice, .warning])
    func quiet(_ level: Logger.Level) {
        var output = output(["one\ntwo"], level)
        output.finishLine()
        #expect(logged.all.isEmpty && output.tail == "one\ntwo")
    }

    @Test(
        "The end of it all is kept, without the line ends there",
        arguments: [
            ([], ""), (["one"], "one"), (["one\n"], "one"), (["one\n\n\n"], "one"),
            (["one\n", "two", "\n"], "one\ntwo"),
            (["\n"], ""), (["\none"], "\none"), (["ü\n"], "ü"),
        ] as [([String], String)])
    func tail(_ parts: [String], _ expected: String) {
        #expect(output(parts).tail == Text(expected))
    }

    @Test("Of more than the bound, the end is kept from the beginning of a line", arguments: [1, 7, 4096, 100_000])
    func longTail(_ size: Int) {
        let all = (0..<2000).map { "line \($0)\n" }.joined()
        let bytes = Array(all.utf8)
        var output = output([])
        for start in stride(from: 0, to: bytes.count, by: size) {
            output.add(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        let tail = output.tail.description
        #expect(all.hasSuffix("\n\(tail)\n") && tail.hasPrefix("line "))
        #expect((4000...ErrorOutput.bound).contains(tail.utf8.count))
    }

    @Test("Of one line of more than the bound, its end is kept")
    func longLastLine() {
        let line = String(repeating: "x", count: 5000) + "end"
        #expect(output([line]).tail == Text(String(line.suffix(ErrorOutput.bound))))
        #expect(output([line + "\n"]).tail == Text(String(line.suffix(ErrorOutput.bound - 1))))
    }
}
