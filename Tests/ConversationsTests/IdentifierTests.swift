import Conversations
import Jansson
import TestSupport
import Testing

@Suite("Ids") struct IdentifierTests {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    @Test(
        "An id is a prefix and 26 characters of Crockford's base 32",
        arguments: [
            (IdentifierKind.conversation, "conv_"), (.message, "msg_"), (.turn, "turn_"), (.execution, "exec_"),
        ])
    func shape(_ kind: IdentifierKind, _ prefix: String) {
        let id = Identifier.make(
            kind, at: Timestamp(milliseconds: 1_795_338_643_123), randomness: (0xABCD, 0x0123_4567_89AB_CDEF))
        #expect(id.utf8.starts(with: prefix.utf8))
        #expect(id.utf8.count == prefix.utf8.count + 26)
        #expect(id.utf8.dropFirst(prefix.utf8.count).allSatisfy(Self.alphabet.contains))
        #expect(Identifier.isConversationID(id))
    }

    @Test(
        "Known values",
        arguments: [
            (0, 0, 0, "00000000000000000000000000"),
            (0xFFFF_FFFF_FFFF, 0xFFFF, UInt64.max, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
            (0, 0, 1, "00000000000000000000000001"), (0, 0, 32, "00000000000000000000000010"),
            (0, 1, 0, "0000000000000G000000000000"), (1, 0, 0, "00000000010000000000000000"),
            (1_469_918_176_385, 0, 0, "01ARYZ6S410000000000000000"),
        ] as [(Int64, UInt16, UInt64, String)])
    func vectors(_ milliseconds: Int64, _ high: UInt16, _ low: UInt64, _ ulid: String) {
        let id = Identifier.make(.turn, at: Timestamp(milliseconds: milliseconds), randomness: (high, low))
        #expect(id == Text("turn_" + ulid))
    }

    @Test("Ids made later sort later, whatever their randomness")
    func order() {
        var generator = Generator(seed: 1)
        let ids = (0..<200).map { index in
            Identifier.make(
                .message, at: Timestamp(milliseconds: 1_795_338_643_000 + Int64(index) * 37),
                randomness: (UInt16(truncatingIfNeeded: generator.next()), generator.next()))
        }
        #expect(ids == ids.sorted())
    }

    @Test("Each bit of the randomness shows in the id")
    func bits() {
        let time = Timestamp(milliseconds: 0)
        let ids = (0..<80).map { bit -> Text in
            let randomness: (high: UInt16, low: UInt64) =
                bit < 64 ? (0, UInt64(1) << UInt64(bit)) : (UInt16(1) << UInt16(bit - 64), 0)
            return Identifier.make(.message, at: time, randomness: randomness)
        }
        #expect(Set(ids).count == 80)
    }

    @Test(
        "A caller may choose such ids",
        arguments: [
            "a", "0", "Z9", "a.b_c-d", "conv_01", "a..", "x-",
        ] + [String(repeating: "x", count: 128)])
    func chosen(_ id: String) { #expect(Identifier.isConversationID(Text(id))) }

    @Test(
        "A caller may not choose such ids",
        arguments: [
            "", ".", "..", ".a", "_a", "-a", "a/b", "/", "a b", "a\u{0}", "a\n", "ü", "é", "a~1", "a:b", "a%", "а",
        ] + [String(repeating: "x", count: 129)])
    func notChosen(_ id: String) { #expect(!Identifier.isConversationID(Text(id))) }
}
