import Jansson
import TestSupport
import Testing

@Suite("How numbers are written") struct NumberWritingTests {
    @Test(
        "A real is the shortest text that reads back as the same double",
        arguments: [
            (0.1 as Double, "0.1"), (1e22, "1e+22"), (100.0, "100.0"), (-0.0, "-0.0"), (0.0, "0.0"),
            (.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (1.0 / 3, "0.3333333333333333"),
            (2.5e-7, "2.5e-07"), (1e16, "1e+16"), (9007199254740993.0, "9007199254740992.0"), (-123.456, "-123.456"),
        ])
    func reals(_ value: Double, _ text: String) {
        #expect(JSONFragment { $0.real(value) }.description == text)
    }

    @Test("What a real is written as is JSON and the same double", arguments: 0..<20)
    func realsReadBack(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        for _ in 0..<50 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            let json = try JSON.parse(JSONFragment { $0.real(value) }.bytes)
            #expect(json.kind == .real)
            #expect(json.number?.bitPattern == value.bitPattern)
        }
    }

    static let integers: [Int64] =
        [0, 1, -1, 9, 10, -10, 99, 100, .max, .min, .max - 1, .min + 1]
        + (1...18).flatMap { digits -> [Int64] in
            let power = (0..<digits).reduce(Int64(1)) { value, _ in value * 10 }
            return [power, power - 1, -power, 1 - power]
        }

    @Test("An integer has all its digits, whatever their number", arguments: integers)
    func integer(_ value: Int64) {
        #expect(JSONFragment { $0.integer(value) }.description == String(value))
    }
}

extension JSONFragment {
    var description: String { String(decoding: bytes, as: UTF8.self) }
}
