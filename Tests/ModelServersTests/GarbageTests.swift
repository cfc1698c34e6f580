import ModelServers
import Testing

@Suite("What is no reply is said to be none") struct GarbageTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let text: String
        let said: String
        var testDescription: String { text }

        init(_ text: String, _ said: String) {
            self.text = text
            self.said = said
        }
    }

    static let samples = [
        Sample("<!DOCTYPE html>\n<html> <b>Log in</b>", "`<!DOCTYPE html> <html> <b>Log in</b>`"),
        Sample("Hello", "`Hello`"), Sample("data", "cut"), Sample("datum: 1\n", "`datum: 1`"), Sample("", "cut"),
        Sample(" \r\n\t ", "cut"), Sample("{nope", "`{nope`"), Sample("[]", "`[]`"),
        Sample("data: {nope}\n\n", "`{nope}`"), Sample("data: [1]\n\n", "`[1]`"),
        Sample(#"data: "x"\#n\#n"#, #"`"x"`"#),
        Sample(#"{"error":{"message":"No memory"}}"#, "failed: No memory"), Sample("{}", "`{}`"),
        Sample(#"data: {"error":"No memory"}\#n\#n"#, "failed: No memory"),
        Sample(#"event: error\#ndata: {"message":"No memory"}\#n\#n"#, "failed: No memory"),
        Sample("Your key is the-secret-key.", "`Your key is [key].`"),
        Sample(#"data: {"error":"Not the-secret-key!"}\#n\#n"#, "failed: Not [key]!"),
    ]

    @Test("However it is cut, its beginning is shown, without the key", arguments: samples)
    func shown(_ sample: Sample) {
        for api in [ServerAPI.openai, .anthropic] {
            let whole = Reading(api, [sample.text])
            #expect(whole.result.contains(sample.said), "\(whole.result)")
            #expect(whole.pieces.isEmpty)
            let single = Reading(api, sample.text.unicodeScalars.map { String($0) })
            #expect(single == whole)
        }
    }

    @Test("A page that doesn't end is not read to its end")
    func endless() throws {
        var reader = ReplyReader(.openai, ServerWords(key: nil))
        let page = Array("<html>".utf8) + [UInt8](repeating: 0x78, count: 5000)
        #expect(throws: ReplyFault.self) { try reader.take(page) }
    }

    @Test("16 MiB are enough, of text, of thoughts, of a document")
    func tooLong() throws {
        let mebibyte = String(repeating: "x", count: 1 << 20)
        for member in ["content", "reasoning"] {
            let event = Array(#"data: {"choices":[{"delta":{"\#(member)":"\#(mebibyte)"}}]}\#n\#n"#.utf8)
            var reader = ReplyReader(.openai, ServerWords(key: nil))
            for _ in 0..<16 { #expect(try reader.take(event).count == 1) }
            #expect(throws: ReplyFault.self) { try reader.take(event) }
        }
        var reader = ReplyReader(.crafter, ServerWords(key: nil))
        #expect(throws: ReplyFault.self) {
            _ = try reader.take(Array(#"{"response":""#.utf8))
            for _ in 0..<16 { _ = try reader.take(Array(mebibyte.utf8)) }
        }
    }
}
