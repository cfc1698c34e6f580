import Jansson
import Testing

@Suite("The bounds of parsing") struct ParsingLimitsTests {
    private func nested(_ depth: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(ascii: "["), count: depth) + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
    }

    private func kind(_ text: [UInt8]) -> JSONSyntaxError.Kind? {
        do throws(JSONSyntaxError) {
            _ = try JSON.parse(text)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test("The deepest nesting is taken, one more is too deep")
    func depth() {
        #expect(JSON.maximumDepth == 2048)
        #expect(kind(nested(2048)) == nil)
        #expect(kind(nested(2049)) == .tooDeep)
    }

    @Test("What can be parsed can be written")
    func deepestIsWritten() throws {
        #expect(try JSONFragment(JSON.parse(nested(2048))).bytes == nested(2048))
    }

    @Test("Objects nest as deep as arrays")
    func deepObjects() {
        let text = { (depth: Int) in
            Array((String(repeating: #"{"a":"#, count: depth - 1) + "{}").utf8)
                + [UInt8](repeating: 0x7D, count: depth - 1)
        }
        #expect(kind(text(2048)) == nil)
        #expect(kind(text(2049)) == .tooDeep)
    }

    /// A hundred bytes of tree for each byte of text: bounded by memory, not by length.
    @Test("A tree that takes too much memory is refused, and the next text is not")
    func complexity() {
        let empty = Array(String(repeating: "{},", count: 10_000).utf8)
        var text = [UInt8(ascii: "[")]
        while text.count < 10 << 20 { text += empty }
        text += Array("{}]".utf8)
        #expect(kind(text) == .tooComplex)
        #expect(kind(Array("[{},{}]".utf8)) == nil)
    }

    @Test("A text of the same length that is one string is taken")
    func longString() throws {
        let text = [0x22] + [UInt8](repeating: UInt8(ascii: "a"), count: 10 << 20) + [0x22]
        #expect(try JSON.parse(text).text?.utf8.count == 10 << 20)
    }
}
