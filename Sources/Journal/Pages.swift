/// Lines that a page of messages spans.
package struct MessagePage: Sendable {
    package let lines: Range<Int>
    package let hasBefore: Bool
    package let hasAfter: Bool
    /// Whether a turn that got no reply ended among these lines.
    package let hasTurnEnds: Bool
}

extension ConversationLog {
    /// The newest messages, those just before `before`, or those just after `after`, at most `limit` of them and at
    /// most `bytes`, but at least one.
    package func messagePage(limit: Int, bytes: Int, before: Int?, after: Int?) -> MessagePage {
        contents.messagePage(limit: limit, most: bytes, before: before, after: after)
    }

    /// The lines after `after`, at most `limit` of them and at most `bytes`, but at least one.
    package func eventPage(limit: Int, bytes: Int, after: Int) -> Range<Int> {
        contents.eventPage(limit: limit, most: bytes, after: after)
    }
}

extension LogContents {
    fileprivate func messagePage(limit: Int, most: Int, before: Int?, after: Int?) -> MessagePage {
        let start = after.map { index.firstLine(after: $0) } ?? 0
        let end = max(start, before.map { index.firstLine(after: $0 - 1) } ?? index.count)
        var count = 0
        var bytes = 0
        // Takes the line into the page unless it is full.
        func takes(_ line: Int) -> Bool {
            guard index.kind(line).isMessage else { return true }
            bytes += (line + 1 < index.count ? index.offset(line + 1) : size) - index.offset(line)
            if count == limit || (count > 0 && bytes > most) { return false }
            count += 1
            return true
        }
        var lines = start..<end
        if after != nil {
            var line = start
            while line < end, takes(line) { line += 1 }
            lines = start..<line
        } else {
            var line = end
            while line > start, takes(line - 1) { line -= 1 }
            lines = line..<end
        }
        // The end of a turn goes with the page that has its message, which stands before it.
        lines = (lines.first { index.kind($0).isMessage } ?? lines.upperBound)..<lines.upperBound
        // Messages are counted only where there could be any on that side.
        return MessagePage(
            lines: lines, hasBefore: hasMessage(in: 0..<lines.lowerBound, nearEnd: true),
            hasAfter: hasMessage(in: lines.upperBound..<index.count, nearEnd: false),
            hasTurnEnds: lines.contains { index.kind($0) == .turnEnded })
    }

    fileprivate func eventPage(limit: Int, most: Int, after: Int) -> Range<Int> {
        let start = index.firstLine(after: after)
        var end = start
        while end < index.count, end - start < limit {
            let offset = end + 1 < index.count ? index.offset(end + 1) : size
            if end > start, offset - index.offset(start) > most { break }
            end += 1
        }
        return start..<end
    }

    private func hasMessage(in lines: Range<Int>, nearEnd: Bool) -> Bool {
        nearEnd
            ? lines.reversed().contains { index.kind($0).isMessage } : lines.contains { index.kind($0).isMessage }
    }
}
