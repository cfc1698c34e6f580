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

    /// The message at `line` with those around it: half of `limit` before it, what is left of it behind.
    package func messagePage(limit: Int, bytes: Int, around line: Int) -> MessagePage {
        contents.messagePage(limit: limit, most: bytes, around: line)
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
        var room = Room(messages: limit, bytes: most)
        return after == nil
            ? page(firstLine(downTo: start, from: end, &room)..<end)
            : page(start..<lastLine(upTo: end, from: start, &room))
    }

    fileprivate func messagePage(limit: Int, most: Int, around line: Int) -> MessagePage {
        var room = Room(messages: limit, bytes: most)
        // The message itself, then half before it; what those leave free is for those behind, and the other way round.
        var end = lastLine(upTo: line + 1, from: line, &room)
        var before = Room(messages: min(limit / 2, room.messages), bytes: room.bytes / 2)
        before.isUsed = true
        var start = firstLine(downTo: 0, from: line, &before)
        room.messages -= (start..<line).count { index[$0].isInHistory }
        room.bytes -= room.bytes / 2 - before.bytes
        end = lastLine(upTo: index.count, from: end, &room)
        start = firstLine(downTo: 0, from: start, &room)
        return page(start..<end)
    }

    /// What still fits into a page.
    private struct Room {
        var messages: Int
        var bytes: Int
        /// Whether a message was taken: one always is, however long.
        var isUsed = false

        init(messages: Int, bytes: Int) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    private func takes(_ line: Int, _ room: inout Room) -> Bool {
        guard index[line].isInHistory else { return true }
        let bytes = (line + 1 < index.count ? index.offset(line + 1) : size) - index.offset(line)
        if room.messages == 0 || (room.isUsed && bytes > room.bytes) { return false }
        room.messages -= 1
        room.bytes -= bytes
        room.isUsed = true
        return true
    }

    private func firstLine(downTo start: Int, from end: Int, _ room: inout Room) -> Int {
        var line = end
        while line > start, takes(line - 1, &room) { line -= 1 }
        return line
    }

    private func lastLine(upTo end: Int, from start: Int, _ room: inout Room) -> Int {
        var line = start
        while line < end, takes(line, &room) { line += 1 }
        return line
    }

    private func page(_ lines: Range<Int>) -> MessagePage {
        // The end of a turn goes with the page that has its message, which stands before it.
        let lines = (lines.first { index[$0].isInHistory } ?? lines.upperBound)..<lines.upperBound
        // Messages are counted only where there could be any on that side.
        return MessagePage(
            lines: lines, hasBefore: hasMessage(in: 0..<lines.lowerBound, nearEnd: true),
            hasAfter: hasMessage(in: lines.upperBound..<index.count, nearEnd: false),
            hasTurnEnds: lines.contains { index[$0].kind == .turnEnded && !index[$0].isSuperseded })
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
            ? lines.reversed().contains { index[$0].isInHistory } : lines.contains { index[$0].isInHistory }
    }
}
