import Jansson
import Logging

/// What a program writes on stderr: each line goes to the log, and the end of it all is kept.
struct ErrorOutput {
    /// Bytes that are kept, and of a line that are logged.
    static let bound = 4096

    private let name: Text
    private let log: Logger
    private var line: [UInt8] = []
    private var recent: [UInt8] = []

    init(of name: Text, to log: Logger) {
        self.name = name
        self.log = log
    }

    mutating func add(_ bytes: [UInt8]) {
        recent += bytes.suffix(Self.bound)
        if recent.count > Self.bound { recent.removeFirst(recent.count - Self.bound) }
        // Cutting lines that nobody sees would cost as much as the program likes.
        if log.logLevel > .info { return }
        let parts = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            // Of a line that is longer the rest is left out.
            line += part.prefix(Self.bound - line.count)
            if index < parts.count - 1 { finishLine() }
        }
    }

    mutating func finishLine() {
        // What terminals obey is not for the log.
        let shown = line.map { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F ? UInt8(ascii: "?") : $0 }
        if !line.isEmpty { log.info("\(name): \(String(decoding: shown, as: UTF8.self))") }
        line = []
    }

    /// The end of what was written: at most `bound` bytes, from the beginning of a line where there is one.
    var tail: Text {
        var tail = recent[...]
        if tail.count == Self.bound, let end = tail.firstIndex(of: 0x0A), end < tail.endIndex - 1 {
            tail = tail[(end + 1)...]
        }
        while tail.last == 0x0A { tail.removeLast() }
        return Text(String(decoding: tail, as: UTF8.self))
    }
}
