import JSONRPC
import Jansson
import Testing

@Suite("An id comes back as the same value") struct RequestIDTests {
    @Test(
        arguments: [
            "1", "-1", "0", "9223372036854775807", "-9223372036854775808", "1.5", "1.0", "1e+22", "0.1", #""a""#,
            #""""#, #""1""#, #""a\u0000b""#,
            #""\"\\""#, #""ü""#, "null",
        ])
    func echo(_ text: String) throws {
        let id = try #require(RequestID(JSON.parse(text.utf8)))
        #expect(String(decoding: JSONFragment { $0.id(id) }.bytes, as: UTF8.self) == text)
    }

    @Test("Other values are no ids", arguments: ["true", "false", "[]", "{}", "[1]"])
    func others(_ text: String) throws {
        #expect(try RequestID(JSON.parse(text.utf8)) == nil)
    }

    @Test("A number, the same number as a string, and null are three ids")
    func distinct() throws {
        let ids = try ["1", "\"1\"", "null", "\"null\"", "1.0"].map { try RequestID(JSON.parse($0.utf8)) }
        #expect(Set(ids).count == 5)
    }
}
