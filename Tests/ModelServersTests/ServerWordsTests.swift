import ModelServers
import Testing

@Suite("A server's words are fit to be shown") struct ServerWordsTests {
    private static let words = ServerWords(key: "sk/Zt0-vQ3x")

    @Test(
        "The message of an error",
        arguments: [
            (#"{"error":{"message":"No such model","type":"x"}}"#, "No such model"),
            (#"{"error":"Busy"}"#, "Busy"),
            (#"{"message":"Busy"}"#, "Busy"), (#"{"detail":"Busy"}"#, "Busy"),
            (#"{"error":{"message":""},"detail":"Busy"}"#, "Busy"), (#"{"other":1}"#, #"{"other":1}"#),
            ("<html>\n <b>Busy</b>\r\n", "<html> <b>Busy</b>"), ("", ""), ("a\u{1}b\u{85}c\u{7F}d", "a b c d"),
        ])
    func message(_ body: String, _ said: String) { #expect(Self.words.message(of: Array(body.utf8)) == said) }

    @Test("Long ones are cut, and what is no UTF-8 can be shown")
    func cut() {
        #expect(Self.words.excerpt([UInt8](repeating: 0x78, count: 1000)).count == 301)
        #expect(Self.words.excerpt([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
    }

    @Test(
        "Without the key, as it is or escaped",
        arguments: [
            "sk/Zt0-vQ3x", "sk\\/Zt0-vQ3x", "sk\\/Zt0\\u002dvQ3x", "\\u0073k/Zt0-vQ3x", "sk%2FZt0-vQ3x",
            "sk%2fZt0%2DvQ3x",
            "\\u0073\\u006b\\u002F\\u005At0-vQ3x",
        ])
    func hidden(_ written: String) {
        #expect(Self.words.excerpt(Array("Not \(written)!".utf8)) == "Not [key]!")
        #expect(Self.words.withoutKey("x\(written)\(written)x") == "x[key][key]x")
    }

    @Test("No half of it stands where a long text is cut")
    func halves() {
        for offset in 0..<12 {
            let spaces = String(repeating: " ", count: (64 << 10) - offset)
            #expect(!Self.words.excerpt(Array((spaces + "sk/Zt0-vQ3x is wrong").utf8)).contains("s"))
        }
    }

    @Test("A short key is hidden where it stands alone, and other words stay whole")
    func short() {
        let words = ServerWords(key: "e")
        #expect(words.withoutKey("The key `e` fails: e, née, e1") == "The key `[key]` fails: [key], née, e1")
        #expect(ServerWords(key: nil).withoutKey("e") == "e")
    }
}
