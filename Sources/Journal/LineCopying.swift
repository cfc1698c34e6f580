import Conversations
import Glibc
import Jansson

/// Reading events back: from the file, or from what waits to be written behind it.
extension ConversationLog {
    /// Appends the events of `lines` that `isWanted` picks to `writer`, as values of an array that is open there,
    /// oldest first, byte for byte as the file has them.
    ///
    /// Lines that were never looked at whole are checked first; a bad one is left out and becomes known as damage.
    package func copy(
        _ lines: Range<Int>, where isWanted: (EventIndex.Entry) -> Bool, to writer: inout JSONWriter
    ) throws(StoreError) {
        var first = lines.lowerBound
        while first < lines.upperBound {
            guard isWanted(contents.index[first]) else {
                first += 1
                continue
            }
            var last = first + 1
            while last < lines.upperBound, isWanted(contents.index[last]), span(first..<last).count < Self.runBytes {
                last += 1
            }
            try copyRun(first..<last, to: &writer)
            first = last
        }
    }

    /// Bytes of the lines in the file, line ends included.
    package func span(_ lines: Range<Int>) -> Range<Int> {
        let start = lines.lowerBound < contents.index.count ? contents.index.offset(lines.lowerBound) : contents.size
        let end = lines.upperBound < contents.index.count ? contents.index.offset(lines.upperBound) : contents.size
        return start..<end
    }

    /// One event, parsed; nil where the line is damaged.
    package func event(_ line: Int) throws(StoreError) -> RecordedEvent? {
        try json(line).flatMap { try? RecordedEvent($0) }
    }

    /// One line, parsed; nil where it is damaged.
    package func json(_ line: Int) throws(StoreError) -> JSON? {
        var text = JSONWriter()
        try copyRun(line..<line + 1, to: &text)
        return try? JSON.parse(text.bytes)
    }

    /// How much is read from the file in one call.
    private static let runBytes = 1 << 20

    /// Lines that stand one behind the other become values of an array by turning their line ends into commas.
    private func copyRun(_ lines: Range<Int>, to writer: inout JSONWriter) throws(StoreError) {
        let range = span(lines)
        try writer.splice(range.count) { (space) throws(StoreError) in
            try read(range, into: space)
            guard let start = space.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
            var kept = 0
            var lineStart = 0
            for line in lines {
                let lineEnd = (line + 1 < lines.upperBound ? offset(line + 1) : range.upperBound) - range.lowerBound
                let text = UnsafeRawBufferPointer(rebasing: space[lineStart..<lineEnd - 1])
                if isGood(line, text) {
                    // Only behind a bad line is there a gap to close.
                    if kept < lineStart { memmove(start + kept, start + lineStart, lineEnd - lineStart) }
                    kept += lineEnd - lineStart
                    start[kept - 1] = UInt8(ascii: ",")
                }
                lineStart = lineEnd
            }
            return max(0, kept - 1)
        }
    }

    /// Whether a line may be copied into an answer: known at once for most, else found out and remembered.
    private func isGood(_ line: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        if contents.index[line].isChecked { return true }
        if contents.index[line].kind == .damaged { return false }
        let isGood = JSONScanner.isObject(text)
        if isGood { contents.markChecked(line) } else { contents.markDamaged(line) }
        return isGood
    }

    private func offset(_ line: Int) -> Int { contents.index.offset(line) }

    /// Bytes of the file, and of what waits to be written behind it.
    private func read(_ range: Range<Int>, into space: UnsafeMutableRawBufferPointer) throws(StoreError) {
        var offset = range.lowerBound
        while offset < min(range.upperBound, writtenSize) {
            let rest = UnsafeMutableRawBufferPointer(rebasing: space[(offset - range.lowerBound)...])
            let count = try check("reading \(directory.shown(id))") {
                pread(descriptor, rest.baseAddress, min(rest.count, writtenSize - offset), off_t(offset))
            }
            if count == 0 {
                throw .failed(SystemError(number: EIO, operation: "\(directory.shown(id)) became shorter"))
            }
            offset += count
        }
        if offset < range.upperBound {
            let waiting = (offset - writtenSize)..<(range.upperBound - writtenSize)
            let rest = UnsafeMutableRawBufferPointer(rebasing: space[(offset - range.lowerBound)...])
            pending.bytes.withUnsafeBytes { rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[waiting])) }
        }
    }
}
