import Glibc

/// Complete lines of input, in the order they came.
package struct LineBatch: Sendable {
    package enum Line: Sendable {
        /// Where the line stands in `bytes`, without its line end.
        case text(Range<Int>)
        /// A line past the limit was dropped here.
        case tooLong
    }

    package let bytes: [UInt8]
    package let lines: [Line]

    package init(bytes: [UInt8], lines: [Line]) {
        self.bytes = bytes
        self.lines = lines
    }
}

/// Cuts a stream of bytes into lines: only 0x0A ends one, and no byte is looked at twice.
///
/// What belongs to an unfinished line stays in the buffer that is read into, so a line is moved at most once for each
/// time that the buffer grows.
package struct LineFramer {
    /// Bytes of a line, without its end, up to which it is taken.
    package let limit: Int

    private var buffer: [UInt8] = []
    /// Bytes at the beginning of `buffer` that belong to an unfinished line and were searched for its end.
    private var pending = 0
    private var isSkipping = false

    package init(limit: Int) { self.limit = limit }

    /// Takes what `read` puts into free space of at least `space` bytes; it returns how many it put there.
    /// The result holds the lines that this completed; nil where there are none.
    package mutating func take(space: Int, _ read: (UnsafeMutableRawBufferPointer) -> Int) -> LineBatch? {
        let wanted = pending + space
        if buffer.count < wanted {
            var larger = [UInt8](repeating: 0, count: max(wanted, pending > 0 ? 2 * buffer.count : 0))
            larger.replaceSubrange(0..<pending, with: buffer[..<pending])
            buffer = larger
        }
        let count = buffer.withUnsafeMutableBytes { read(UnsafeMutableRawBufferPointer(rebasing: $0[pending...])) }
        return frame(upTo: pending + count)
    }

    /// The end of the input: the unfinished line, if there is one, is a line.
    package mutating func finish() -> LineBatch? {
        defer { pending = 0 }
        // Of a line that is skipped nothing is pending.
        if pending == 0 { return nil }
        return LineBatch(bytes: Array(buffer[..<pending]), lines: [.text(0..<pending)])
    }

    private mutating func frame(upTo end: Int) -> LineBatch? {
        var lines: [LineBatch.Line] = []
        var lineStart = 0
        var searched = pending
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            while searched < end, let found = memchr(base + searched, 0x0A, end - searched) {
                let lineEnd = UnsafeRawPointer(found) - base
                if isSkipping {
                    isSkipping = false
                } else if lineEnd - lineStart > limit {
                    lines.append(.tooLong)
                } else {
                    lines.append(.text(lineStart..<lineEnd))
                }
                lineStart = lineEnd + 1
                searched = lineStart
            }
        }
        if end - lineStart > limit, !isSkipping {
            isSkipping = true
            lines.append(.tooLong)
        }
        return hand(lines, over: end, keeping: isSkipping ? end..<end : lineStart..<end)
    }

    /// Gives the lines away and keeps what belongs to the unfinished one.
    private mutating func hand(_ lines: [LineBatch.Line], over end: Int, keeping rest: Range<Int>) -> LineBatch? {
        pending = rest.count
        if lines.isEmpty {
            // Of a line that is skipped nothing is held, nor the space that it took until it was too long.
            if rest.isEmpty { buffer = [] } else if rest.lowerBound > 0 { buffer = Array(buffer[rest]) }
            return nil
        }
        if end <= Self.smallBatch {
            // Copying a few lines out is cheaper than new space for the next read.
            let batch = LineBatch(bytes: Array(buffer[..<end]), lines: lines)
            if !rest.isEmpty { buffer.replaceSubrange(0..<rest.count, with: batch.bytes[rest]) }
            return batch
        }
        let batch = LineBatch(bytes: buffer, lines: lines)
        buffer = Array(batch.bytes[rest])
        return batch
    }

    private static let smallBatch = 16 << 10
}
