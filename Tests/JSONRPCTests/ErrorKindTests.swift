import Foundation
import JSONRPC
import Jansson
import Testing

@Suite("Errors are the published ones") struct ErrorKindTests {
    private static let errors: JSON? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try? JSON.load(root.appending(path: "schemas/openrpc.json").path)["components"]?["errors"]
    }()

    @Test("Each kind has its entry, and each entry its kind")
    func kinds() throws {
        let published = try #require(Self.errors).members.map { Text($0.name).description }
        #expect(Set(published) == Set(ErrorKind.allCases.map(\.rawValue)))
        #expect(published.count == ErrorKind.allCases.count)
    }

    @Test("A kind's code is the published one", arguments: ErrorKind.allCases)
    func code(_ kind: ErrorKind) throws {
        let errors = try #require(Self.errors)
        let entry = try #require(errors.members.first { Text($0.name) == Text(kind.rawValue) }?.value)
        #expect(entry["code"]?.integer == Int64(kind.code))
        #expect(entry["data"]?["properties"]?["kind"]?["const"]?.text == Text(kind.rawValue))
    }

    @Test("Codes of our own lie outside those that JSON-RPC keeps for itself", arguments: ErrorKind.allCases)
    func reserved(_ kind: ErrorKind) {
        let standard = [-32700, -32600, -32601, -32602, -32603, -32800]
        #expect(standard.contains(kind.code) || !(-32768 ... -32000).contains(kind.code))
    }

    @Test("An error is written with its kind, whether to try again, and what helps")
    func writing() {
        let error = RPCError(.overloaded, "Too many `x`.", [("limit", .string("queuedTurns"))]).with("n", .integer(3))
        #expect(
            String(decoding: JSONFragment { $0.error(error) }.bytes, as: UTF8.self)
                == #"{"code":1001,"message":"Too many `x`.","data":{"kind":"overloaded","retryable":true,"limit":"queuedTurns","n":3}}"#
        )
    }

    @Test("A second value of the same name replaces the first")
    func replacing() {
        let error = RPCError(.conflict, "x").with("seq", .integer(1)).with("seq", .integer(2))
        #expect(error.data.map(\.name) == ["seq"] && error.data.map(\.value) == [.integer(2)])
    }

    @Test(
        "A line that can't be parsed is an error of its kind, with the offset",
        arguments: [
            (JSONSyntaxError.Kind.malformed, ErrorKind.parseError), (.tooDeep, .tooDeep), (.tooComplex, .tooComplex),
        ])
    func parsing(_ syntax: JSONSyntaxError.Kind, _ kind: ErrorKind) throws {
        var text: [UInt8]
        switch syntax {
        case .malformed: text = Array("[1,}".utf8)
        case .tooDeep: text = [UInt8](repeating: UInt8(ascii: "["), count: 3000)
        case .tooComplex:
            text = [UInt8(ascii: "[")]
            let piece = Array(String(repeating: "{},", count: 10_000).utf8)
            while text.count < 10 << 20 { text += piece }
        }
        let failure = try #require(throws: JSONSyntaxError.self) { try JSON.parse(text) }
        let error = RPCError(failure)
        #expect(failure.kind == syntax && error.kind == kind)
        #expect(error.data.first { $0.name == "offset" }?.value == .integer(failure.offset))
    }
}
