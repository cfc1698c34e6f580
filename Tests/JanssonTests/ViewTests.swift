import Jansson
import Testing

@Suite("Views of parsed values") struct ViewTests {
    @Test(
        "A value is of one kind, and only that kind's view has it",
        arguments: [
            ("{}", JSON.Kind.object), ("[]", .array), (#""a""#, .string), ("1", .integer), ("1.0", .real),
            ("1e0", .real),
            ("true", .boolean), ("false", .boolean), ("null", .null),
        ])
    func kinds(_ text: String, _ kind: JSON.Kind) throws {
        let json = try JSON.parse(text.utf8)
        #expect(json.kind == kind)
        #expect((json.text != nil) == (kind == .string))
        #expect((json.integer != nil) == (kind == .integer))
        #expect((json.number != nil) == (kind == .integer || kind == .real))
        #expect((json.boolean != nil) == (kind == .boolean))
        #expect(json.isObject == (kind == .object))
        #expect(json.isNull == (kind == .null))
        #expect(json.elements.isEmpty && json.members.first { _ in true } == nil && json.count == 0)
    }

    @Test func membersComeInTheirOrder() throws {
        let json = try JSON.parse(#"{"z":1,"a":{"x":[]},"ü":3,"":4,"m":null}"#.utf8)
        #expect(json.members.map { Text($0.name) } == ["z", "a", "ü", "", "m"])
        #expect(json.members.map { $0.value.kind } == [.integer, .object, .integer, .integer, .null])
        #expect(json.count == 5)
    }

    @Test func membersAreFoundByName() throws {
        let json = try JSON.parse(#"{"a":1,"b":null}"#.utf8)
        #expect(json["a"]?.integer == 1)
        #expect(json["b"]?.isNull == true)
        #expect(json["c"] == nil)
        #expect(try JSON.parse("[1]".utf8)["a"] == nil)
    }

    @Test func elementsComeInTheirOrder() throws {
        let json = try JSON.parse("[3,1,2]".utf8)
        #expect(json.elements.compactMap(\.integer) == [3, 1, 2])
        #expect(json.count == 3)
    }

    @Test("A string may hold U+0000, and keeps what stands behind it")
    func nul() throws {
        let json = try JSON.parse(#""a\u0000b""#.utf8)
        #expect(json.text?.utf8 == [0x61, 0, 0x62])
        #expect(json.withUTF8 { $0.count } == 3)
    }

    @Test("A view keeps its tree alive")
    func lifetime() throws {
        func inner() throws -> JSON? {
            try JSON.parse(#"{"a":{"b":["kept"]}}"#.utf8)["a"]?["b"]?.elements.first
        }
        #expect(try inner()?.text == "kept")
    }

    @Test(
        "The ends of the range of integers are integers",
        arguments: [("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min)])
    func integers(_ text: String, _ value: Int64) throws {
        #expect(try JSON.parse(text.utf8).integer == value)
    }
}
