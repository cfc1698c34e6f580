import Glibc

/// An event of a stream of server-sent events.
package struct ServerSentEvent: Equatable, Sendable {
    /// What `event:` said; empty where there was none.
    package var name: [UInt8] = []
    /// What the lines of `data:` said, with line ends between them.
    package var data: [UInt8] = []
}

/// Cuts a stream into events, wherever its chunks end (WHATWG HTML, section 9.2.6).
package struct EventStream: Sendable {
    /// Bytes that one event may have.
    private let limit: Int
    /// The line that has not ended yet.
    private var line: [UInt8] = []
    private var event = ServerSentEvent()
    private var hasData = false
    /// The last line ended with CR: an LF that follows belongs to it.
    private var skipsLineFeed = false
    private var isAtStart = true

    package init(limit: Int) { self.limit = limit }

    /// The events that these bytes complete.
    package mutating func take(_ bytes: ArraySlice<UInt8>) throws(ReplyFault) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var rest = bytes
        while !rest.isEmpty {
            if skipsLineFeed {
                skipsLineFeed = false
                if rest.first == 0x0A { rest = rest.dropFirst() }
            }
            guard let end = Self.lineEnd(in: rest) else {
                line += rest
                if line.count + event.data.count > limit { throw .tooLong }
                break
            }
            line += rest[..<end]
            if line.count + event.data.count > limit { throw .tooLong }
            skipsLineFeed = rest[end] == 0x0D
            rest = rest[(end + 1)...]
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    /// The end of the stream: an event that only its empty line is missing from.
    package mutating func finish() -> ServerSentEvent? {
        let event = line.isEmpty ? nil : endLine()
        return event ?? endLine()
    }

    /// Where the first LF or CR is.
    private static func lineEnd(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { bytes -> Int? in
            guard let start = bytes.baseAddress else { return nil }
            let lineFeed = memchr(start, 0x0A, bytes.count).map { UnsafeRawPointer($0) - start }
            return memchr(start, 0x0D, lineFeed ?? bytes.count).map { UnsafeRawPointer($0) - start } ?? lineFeed
        }.map { bytes.startIndex + $0 }
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isAtStart, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isAtStart = false
        if line.isEmpty {
            defer { (event, hasData) = (ServerSentEvent(), false) }
            return hasData ? event : nil
        }
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        var value = line[name.endIndex...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        if name.elementsEqual("data".utf8) {
            if hasData { event.data.append(0x0A) }
            event.data += value
            hasData = true
        } else if name.elementsEqual("event".utf8) {
            event.name = Array(value)
        }
        return nil
    }
}
