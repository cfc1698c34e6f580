import Glibc

/// Cuts what a child writes into lines, in one buffer that is used again and again; no byte is searched twice.
struct AnswerReader {
    private static let block = 64 * 1024

    private let child: Child
    private var buffer = [UInt8](repeating: 0, count: 4 * block)
    private var held = 0

    init(_ child: Child) {
        self.child = child
    }

    /// Reads once and hands over the lines that it completed, without their newlines.
    mutating func readOnce(_ patience: inout Patience, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if buffer.count - held < AnswerReader.block { buffer += [UInt8](repeating: 0, count: buffer.count) }
        let fresh = held
        let got = buffer.withUnsafeMutableBytes {
            read(child.output, $0.baseAddress?.advanced(by: fresh), AnswerReader.block)
        }
        if got < 0 && (errno == EINTR || errno == EAGAIN) { return try patience.interrupted() }
        if got < 0 { throw Failure("reading from \(child.name)", errno: errno) }
        if got == 0 { throw Failure("\(child.name) closed its output too early (\(child.reap()))") }
        patience.moved()
        held += got

        let end = held
        let taken = try buffer.withUnsafeBytes { bytes in
            var start = 0
            var searched = fresh
            while let newline = bytes.first(0x0A, in: searched..<end) {
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<newline]))
                start = newline + 1
                searched = start
            }
            return start
        }
        if taken > 0 {
            buffer.withUnsafeMutableBytes { bytes in
                if let base = bytes.baseAddress { memmove(base, base + taken, end - taken) }
            }
            held -= taken
        }
    }
}

/// Holds the answers to the requests: each exactly once, each a result, none too short. Looks at a line's first bytes
/// alone unless a piece is asked for, so that the client stays cheap beside what it measures.
struct Ledger {
    private let requests: Requests
    private var seen: [Bool]
    private(set) var answered = 0

    private static let opening = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
    private static let result = Array(#","result":"#.utf8)

    init(_ requests: Requests) {
        self.requests = requests
        seen = [Bool](repeating: false, count: requests.count)
    }

    mutating func take(_ line: UnsafeRawBufferPointer) throws {
        guard let index = Ledger.id(ofResult: line).map({ $0 - requests.firstID }) else {
            let what = line.shown.contains(#""error""#) ? "an error came back" : "this is no answer with a result"
            throw Failure("\(what): \(line.shown)")
        }
        guard seen.indices.contains(index) else { throw Failure("nobody asked for this: \(line.shown)") }
        guard !seen[index] else { throw Failure("answered twice: \(line.shown)") }
        guard line.count >= requests.leastAnswer else { throw Failure("the answer is too short: \(line.shown)") }
        guard line.holds(requests.piece) else { throw Failure("the answer lacks its reply: \(line.shown)") }
        seen[index] = true
        answered += 1
    }

    /// The id of a line that begins as an answer with a result does, else nil.
    private static func id(ofResult line: UnsafeRawBufferPointer) -> Int? {
        guard line.begins(with: opening, at: 0) else { return nil }
        var id = 0
        var place = opening.count
        while place < line.count, place < opening.count + 18, case let digit = line[place], 0x30...0x39 ~= digit {
            id = id * 10 + Int(digit - 0x30)
            place += 1
        }
        return place > opening.count && line.begins(with: result, at: place) ? id : nil
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
        guard let baseAddress, let found = memchr(baseAddress + range.lowerBound, CInt(byte), range.count) else {
            return nil
        }
        return UnsafeRawPointer(found) - baseAddress
    }

    fileprivate func begins(with bytes: [UInt8], at place: Int) -> Bool {
        guard let baseAddress, count - place >= bytes.count else { return false }
        return memcmp(baseAddress + place, bytes, bytes.count) == 0
    }

    fileprivate func holds(_ piece: [UInt8]) -> Bool {
        guard let initial = piece.first else { return true }
        var place = 0
        while let found = first(initial, in: place..<count) {
            if begins(with: piece, at: found) { return true }
            place = found + 1
        }
        return false
    }

    /// Enough of a line for a person to see what went wrong.
    fileprivate var shown: String {
        String(decoding: prefix(1000), as: UTF8.self) + (count > 1000 ? "…" : "")
    }
}
