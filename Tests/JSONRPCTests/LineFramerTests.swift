import JSONRPC
import Jansson
import TestSupport
import Testing

@Suite("Bytes become lines") struct LineFramerTests {
    struct Input: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let limit: Int
        var testDescription: String { name }

        init(_ name: String, _ text: String, limit: Int = 8) {
            self.name = name
            bytes = Array(text.utf8)
            self.limit = limit
        }
    }

    static let inputs = [
        Input("nothing", ""), Input("one line", "abc\n"), Input("no final line end", "abc\nde"),
        Input("blank lines", "\n\n\na\n\n"),
        Input("carriage returns", "ab\r\ncd\r\n\r\n"),
        Input("other line ends of Unicode", "a\u{2028}b\u{85}c\u{0B}\u{0C}d\n", limit: 99),
        Input("NULs", "a\u{0}b\n\u{0}\n"), Input("at the limit", "12345678\n12345678"),
        Input("past the limit", "123456789\nab\n"),
        Input("past the limit, without an end", "ab\n123456789"),
        Input("far past the limit", String(repeating: "x", count: 50) + "\nab\ncd"),
        Input("several past the limit", "123456789\n123456789\nab\n123456789012345678901234567890\n123456789"),
        Input("a limit of one", "a\nbb\n\nc", limit: 1), Input("a limit of nothing", "\na\n\nb", limit: 0),
    ]

    /// What the bytes are as lines: nil for one that is too long.
    private static func expected(_ input: Input) -> [[UInt8]?] {
        var lines = input.bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { $0.count > input.limit ? nil : $0 }
    }

    /// Gives the framer the pieces, one read each.
    private static func framed(_ pieces: [ArraySlice<UInt8>], limit: Int, space: Int = 4) -> [[UInt8]?] {
        var framer = LineFramer(limit: limit)
        var lines: [[UInt8]?] = []
        func add(_ batch: LineBatch?) {
            for line in batch?.lines ?? [] {
                switch line {
                case .text(let range): lines.append(batch.map { Array($0.bytes[range]) })
                case .tooLong: lines.append(nil)
                }
            }
        }
        for piece in pieces {
            var rest = piece
            repeat {
                add(
                    framer.take(space: space) { space in
                        let taken = rest.prefix(space.count)
                        space.copyBytes(from: taken)
                        rest = rest.dropFirst(taken.count)
                        return taken.count
                    })
            } while !rest.isEmpty
        }
        add(framer.finish())
        return lines
    }

    @Test("However the bytes are cut in two, the lines are the same", arguments: inputs)
    func everyCut(_ input: Input) {
        for cut in 0...input.bytes.count {
            let lines = Self.framed([input.bytes[..<cut], input.bytes[cut...]], limit: input.limit)
            #expect(lines == Self.expected(input), "cut at \(cut)")
        }
    }

    @Test("Byte by byte, and in pieces of every size, the lines are the same", arguments: inputs)
    func everySize(_ input: Input) {
        for size in 1...max(1, input.bytes.count) {
            let pieces = stride(from: 0, to: input.bytes.count, by: size).map {
                input.bytes[$0..<min($0 + size, input.bytes.count)]
            }
            #expect(Self.framed(pieces, limit: input.limit, space: size) == Self.expected(input), "pieces of \(size)")
        }
    }

    @Test("Random lines in random pieces", arguments: 0..<10)
    func random(_ seed: UInt64) {
        var generator = Generator(seed: seed)
        for _ in 0..<20 {
            let limit = generator.pick([10, 1000, 20_000])
            var text = ""
            for _ in 0..<generator.below(8) {
                text +=
                    String(repeating: "x", count: generator.below(generator.pick([3, limit, limit + 2, 3 * limit])))
                    + (generator.below(9) > 0 ? "\n" : "")
            }
            let input = Input("random", text, limit: limit)
            var pieces: [ArraySlice<UInt8>] = []
            var rest = input.bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(1 + generator.below(generator.pick([2, 500, 40_000])))
                pieces.append(piece)
                rest = rest.dropFirst(piece.count)
            }
            #expect(Self.framed(pieces, limit: limit, space: 1 + generator.below(30_000)) == Self.expected(input))
        }
    }

    @Test("Of a line that is skipped nothing is held: the space to read into does not grow")
    func skippingHoldsNothing() {
        let (limit, space) = (100_000, 4096)
        var framer = LineFramer(limit: limit)
        var most = 0
        for _ in 0..<200 {
            _ = framer.take(space: space) { bytes in
                most = max(most, bytes.count)
                for index in 0..<space { bytes[index] = UInt8(ascii: "x") }
                return space
            }
        }
        #expect(most <= 2 * (limit + space))
        // After the skipped line there is room for one read, and no more.
        var offered = 0
        _ = framer.take(space: space) { bytes in
            offered = bytes.count
            return 0
        }
        #expect(offered == space)
    }

    @Test("A line that is too long is told of at once, and once")
    func tooLongAtOnce() {
        var framer = LineFramer(limit: 4)
        func take(_ text: String) -> Int {
            framer.take(space: 16) { space in
                space.copyBytes(from: text.utf8)
                return text.utf8.count
            }?.lines.count ?? 0
        }
        #expect(take("1234") == 0)
        #expect(take("5") == 1)
        #expect(take("678") == 0)
        #expect(take("9\n") == 0)
        #expect(take("a\n") == 1)
        #expect(framer.finish()?.lines.isEmpty != false)
    }

    @Test("There is always the room that was asked for", arguments: [1, 64, 4096])
    func room(_ space: Int) {
        var framer = LineFramer(limit: 1 << 20)
        for number in 0..<300 {
            _ = framer.take(space: space) { bytes in
                #expect(bytes.count >= space)
                bytes[0] = number % 50 == 49 ? 0x0A : UInt8(ascii: "x")
                return 1
            }
        }
    }
}
