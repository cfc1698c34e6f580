import Glibc
import JSONRPC
import Testing

/// A pipe whose ends are closed with it.
final class Pipe: Sendable {
    let input: Int32
    let output: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (input, output) = (ends[0], ends[1])
    }

    deinit { close(input) }

    func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) == bytes.count }
    }

    /// Reads that many bytes; fewer where the other end was closed before.
    func read(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(input, $0.baseAddress.map { $0 + filled }, count - filled)
            }
            if got <= 0 { break }
            filled += got
        }
        return Array(bytes[..<filled])
    }
}

@Suite("Lines over descriptors") struct StreamsTests {
    @Test("What is read arrives as lines in order, then the end")
    func reading() async throws {
        let pipe = try Pipe()
        let (stream, continuation) = AsyncStream.makeStream(of: LineInput.self)
        _ = LineReader(descriptor: pipe.input, limit: 10) { continuation.yield($0) }
        #expect(pipe.write(Array("one\ntoo long a line\ntwo\nlast".utf8)))
        close(pipe.output)
        var lines: [String] = []
        for await input in stream {
            switch input {
            case .lines(let batch):
                for line in batch.lines {
                    if case .text(let range) = line {
                        lines.append(String(decoding: batch.bytes[range], as: UTF8.self))
                    } else {
                        lines.append("-")
                    }
                }
            case .end(let failure):
                #expect(failure == nil)
                continuation.finish()
            }
        }
        #expect(lines == ["one", "-", "two", "last"])
    }

    @Test("A descriptor that can't be read ends with a reason")
    func unreadable() async {
        let (stream, continuation) = AsyncStream.makeStream(of: String?.self)
        _ = LineReader(descriptor: -1, limit: 10) { input in
            if case .end(let failure) = input { continuation.yield(failure) }
        }
        var reasons = stream.makeAsyncIterator()
        #expect(await reasons.next() == "Bad file descriptor")
    }

    @Test("What is sent is written whole and in order, whether or not anyone reads yet")
    func writing() throws {
        let pipe = try Pipe()
        let output = LineOutput(descriptor: pipe.output, onClose: {}, onRoom: {})
        // Far more than a pipe holds, so that the sender must not be the one who waits.
        let lines = (0..<600).map { number in
            Array("\(number) ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: number * 3 % 2000) + [0x0A]
        }
        for line in lines { #expect(output.send(line)) }
        let all = Array(lines.joined())
        #expect(pipe.read(all.count) == all)
        output.drain()
        close(pipe.output)
    }

    @Test("Past the high-water mark the sender is told to make no more, and when there is room again")
    func room() async throws {
        let pipe = try Pipe()
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let output = LineOutput(descriptor: pipe.output, onClose: {}, onRoom: { continuation.yield() })
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: LineOutput.highWaterMark + 1)
        #expect(!output.send(line))
        #expect(pipe.read(line.count).count == line.count)
        var rooms = stream.makeAsyncIterator()
        #expect(await rooms.next() != nil)
        #expect(output.send(Array("x\n".utf8)))
        output.drain()
        close(pipe.output)
    }

    @Test("With no reader left, sending tells of it once and never blocks")
    func closedReader() async throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let output = LineOutput(descriptor: ends[1], onClose: { continuation.yield() }, onRoom: {})
        #expect(output.send(Array("a\n".utf8)))
        var closings = stream.makeAsyncIterator()
        #expect(await closings.next() != nil)
        #expect(output.send(Array("b\n".utf8)))
        output.drain()
        close(ends[1])
    }
}
