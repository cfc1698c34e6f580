import Conversations
import Jansson
import Journal
import Testing

/// A file that is not as it should be, what is wrong with it, and what it is once it is repaired.
struct DamagedFile: Sendable, CustomTestStringConvertible {
    let name: String
    let lines: [[UInt8]]
    /// Lines, counted from 1, that keep it from being written.
    let damaged: [Int]
    /// The line where a torn end begins.
    let torn: Int?
    /// What the first reason speaks of.
    let word: String
    /// Contents of the messages that a repair keeps, in order.
    let kept: [Text]
    /// Good events besides messages and the first.
    let others: Int
    /// Whether its first event is kept; else one is made.
    let keepsStarted: Bool

    var testDescription: String { name }
    var bytes: [UInt8] { Array(lines.joined()) }
    func offset(ofLine line: Int) -> Int { lines[..<(line - 1)].reduce(0) { $0 + $1.count } }

    init(
        _ name: String, _ lines: [[UInt8]], damaged: [Int] = [], torn: Int? = nil, _ word: String, kept: [Text],
        others: Int = 0, keepsStarted: Bool = true
    ) {
        self.name = name
        self.lines = lines
        self.damaged = damaged
        self.torn = torn
        self.word = word
        self.kept = kept
        self.others = others
        self.keepsStarted = keepsStarted
    }

    // MARK: The table

    private static let start = Sample.line(.started(Sample.started()), 0)
    private static let other = Sample.line(.started(Sample.started("d")), 0)
    private static func event(_ seq: Int, _ content: String? = nil) -> [UInt8] {
        Sample.line(Sample.user(Text(content ?? "\(seq)")), seq)
    }
    private static func text(_ text: String) -> [UInt8] { Array("\(text)\n".utf8) }

    static let all: [DamagedFile] = [
        DamagedFile("bad JSON", [start, event(1), text("garbage"), event(3)], damaged: [3], "JSON", kept: ["1", "3"]),
        DamagedFile(
            "bad lines in two places", [start, text("x"), event(2), text("y"), text("z"), event(5)],
            damaged: [2, 4, 5], "JSON", kept: ["2", "5"]),
        DamagedFile("a blank line", [start, event(1), [0x0A], event(3)], damaged: [3], "JSON", kept: ["1", "3"]),
        DamagedFile(
            "NULs between lines", [start, [0, 0, 0, 0x0A], event(2)], damaged: [2], "JSON", kept: ["2"]),
        DamagedFile("no event", [start, text(#"{"seq":1}"#), event(2)], damaged: [2], "type", kept: ["2"]),
        DamagedFile("no object", [start, text("[1]"), event(2)], damaged: [2], "seq", kept: ["2"]),
        DamagedFile("a gap", [start, event(1), event(3), event(4)], damaged: [3], "seq is 3", kept: ["1", "3", "4"]),
        DamagedFile("a gap at the end", [start, event(1), event(3)], damaged: [3], "seq is 3", kept: ["1", "3"]),
        DamagedFile(
            "a wrong number", [start, event(1), event(7), event(3)], damaged: [3], "seq is 7", kept: ["1", "7", "3"]),
        DamagedFile(
            "the same number twice", [start, event(1), event(1, "again"), event(2)], damaged: [3], "earlier line",
            kept: ["1", "again", "2"]),
        DamagedFile(
            "the same line twice", [start, event(1), event(1), event(2)], damaged: [3], "earlier line",
            kept: ["1", "2"]),
        DamagedFile(
            "no first event", [event(1), event(2)], damaged: [1], "started", kept: ["1", "2"], keepsStarted: false),
        DamagedFile(
            "an event before the first", [event(0), Sample.line(.started(Sample.started()), 1), event(2)],
            damaged: [1], "started", kept: ["0", "2"]),
        DamagedFile(
            "garbage before the first", [text("x"), Sample.line(.started(Sample.started()), 1), event(2)],
            damaged: [1], "JSON", kept: ["2"]),
        DamagedFile(
            "a late first event", [Sample.line(.started(Sample.started()), 5), event(6)], damaged: [1], "seq is 5",
            kept: ["6"]),
        DamagedFile(
            "another conversation's id", [other, event(1)], damaged: [1], "`d`", kept: ["1"]),
        DamagedFile(
            "a duplicate key behind a beginning like ours",
            [start, event(1), ForeignFileTests.duplicateKey(2), event(3)], damaged: [3], "duplicate", kept: ["1", "3"]),
        DamagedFile(
            "invalid UTF-8 inside a content", [start, event(1), ForeignFileTests.invalidText(2), event(3)],
            damaged: [3], "0xff", kept: ["1", "3"]),
        DamagedFile(
            "damage and a torn end", [start, text("garbage"), event(2), Array(event(3).prefix(40))], damaged: [2],
            torn: 4, "JSON", kept: ["2"]),
        DamagedFile(
            "damage and a last line end that is missing", [start, text("garbage"), event(2), event(3).dropLast()],
            damaged: [2], torn: 4, "JSON", kept: ["2", "3"]),
        DamagedFile("NULs at the end", [start, event(1), [0, 0, 0, 0]], torn: 3, "breaks off", kept: ["1"]),
        DamagedFile(
            "NULs and a line end at the end", [start, event(1), [0, 0, 0, 0x0A]], torn: 3, "JSON", kept: ["1"]),
        DamagedFile("half a line", [start, event(1), Array(event(2).prefix(50))], torn: 3, "breaks off", kept: ["1"]),
        DamagedFile(
            "a last line end that is missing", [start, event(1), event(2).dropLast()], torn: 3, "line end",
            kept: ["1", "2"]),
        DamagedFile("a bad last line", [start, event(1), text("garbage")], torn: 3, "JSON", kept: ["1"]),
        DamagedFile(
            "other events among bad lines",
            [
                start, event(1), text("x"), Sample.line(Sample.turnEnd(), 3), Sample.line(.ended(reason: "r"), 4),
                Sample.line(.unknown, 5), event(6),
            ], damaged: [3], "JSON", kept: ["1", "6"], others: 3),
        DamagedFile("garbage alone", [text("garbage")], damaged: [1], "JSON", kept: [], keepsStarted: false),
        DamagedFile("NULs alone", [[0, 0, 0]], damaged: [1], "breaks off", kept: [], keepsStarted: false),
        DamagedFile("nothing", [[]], damaged: [1], "", kept: [], keepsStarted: false),
    ]
}
