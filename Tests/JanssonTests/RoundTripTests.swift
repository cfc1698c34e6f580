import Jansson
import Testing

@Suite("Values go out as they came in") struct RoundTripTests {
    @Test(
        "Canonical text is written as it was read",
        arguments: [
            "{}", "[]", #"{"z":1,"a":2,"m":{"b":[],"a":{}}}"#, "[1,1.0,1e+22,0.1,-5,-0.0]", "9223372036854775807",
            "-9223372036854775808", #""a\u0000b""#, #"["ü","\\","\"","/"]"#, "[true,false,null]", #"{"":{"":""}}"#,
            #"{"e\#u{301}":1,"é":2}"#,
        ])
    func canonical(_ text: String) throws {
        #expect(try JSONFragment(JSON.parse(text.utf8)).bytes == Array(text.utf8))
    }

    @Test(
        "Other ways to write the same value become the one way",
        arguments: [
            (" { \"a\" :\t1 }\r\n", #"{"a":1}"#), (#""\u00fc\/\u0041""#, #""ü/A""#), (#""\ud83d\ude00""#, #""😀""#),
            ("1E5", "100000.0"),
            ("0.10000000000000001", "0.1"), ("1.0e0", "1.0"), (#""\u001F""#, #""\u001f""#), ("1e-400", "0.0"),
        ])
    func otherWays(_ text: String, _ written: String) throws {
        #expect(try JSONFragment(JSON.parse(text.utf8)).description == written)
    }

    @Test("Random objects survive, and a second time changes nothing", arguments: 0..<8)
    func random(_ seed: UInt64) throws {
        var source = ObjectSource(seed: seed)
        var parsed = 0
        for _ in 0..<200 {
            guard let json = try? JSON.parse(source.object()) else { continue }
            parsed += 1
            let once = JSONFragment(json)
            let twice = JSONFragment(try JSON.parse(once.bytes))
            #expect(once == twice)
        }
        #expect(parsed > 100)
    }

    @Test("Reading and writing leaves integers integers and reals reals")
    func kinds() throws {
        let json = try JSON.parse(JSONFragment(JSON.parse("[1,1.0,100,1e2]".utf8)).bytes)
        #expect(json.elements.map(\.kind) == [.integer, .real, .integer, .real])
    }
}
