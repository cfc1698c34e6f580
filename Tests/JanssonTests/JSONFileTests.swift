import Foundation
import Jansson
import Testing

@Suite("JSON files that people write") struct JSONFileTests {
    @discardableResult
    private func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID().uuidString).json")
        try Data(bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try body(path.path)
    }

    @Test("A file is read whole, however long", arguments: [0, 1, 65535, 65536, 65537, 300_000])
    func whole(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try withFile(bytes) { try readFile($0) } == bytes)
    }

    @Test func aMissingFileSaysWhy() {
        #expect { try JSON.load("/nowhere/parley.json") } throws: { "\($0)" == "No such file or directory" }
    }

    @Test(
        "What is no JSON is told with its line",
        arguments: [("{\n\"a\": 1,\n\"b\" 2}", 3), ("{,", 1), ("{\"a\":1}\n\n\nx", 4)])
    func line(_ text: String, _ line: Int) throws {
        try withFile(Array(text.utf8)) { path in
            #expect { try JSON.load(path) } throws: { "\($0)".hasPrefix("line \(line): it is not JSON: ") }
        }
    }

    @Test func aGoodFileIsParsed() throws {
        #expect(try withFile(Array(#" {"a":1} "#.utf8)) { try JSON.load($0)["a"]?.integer } == 1)
    }
}
