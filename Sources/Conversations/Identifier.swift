import Jansson

/// What an id names: its prefix.
package enum IdentifierKind: Sendable {
    case conversation, message, turn, execution

    package var prefix: StaticString {
        switch self {
        case .conversation: "conv_"
        case .message: "msg_"
        case .turn: "turn_"
        case .execution: "exec_"
        }
    }
}

package enum Identifier {
    /// A prefix and a ULID (https://github.com/ulid/spec): 48 bits of time, 80 of `randomness`, in Crockford's
    /// base 32, so that ids made later sort later.
    package static func make(
        _ kind: IdentifierKind, at time: Timestamp, randomness: (high: UInt16, low: UInt64)
    ) -> Text {
        kind.prefix.withUTF8Buffer { prefix in
            Text(
                utf8: [UInt8](unsafeUninitializedCapacity: prefix.count + 26) { bytes, count in
                    _ = bytes.initialize(fromContentsOf: prefix)
                    var high = UInt64(truncatingIfNeeded: time.milliseconds) << 16 | UInt64(randomness.high)
                    var low = randomness.low
                    for index in stride(from: prefix.count + 25, through: prefix.count, by: -1) {
                        bytes[index] = alphabet.utf8Start[Int(low & 31)]
                        low = low >> 5 | high << 59
                        high >>= 5
                    }
                    count = prefix.count + 26
                })
        }
    }

    private static let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    /// Whether a caller may choose this as a conversation's id: `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`. It is a file's
    /// name too, so no slash, no leading dot, and ASCII alone.
    package static func isConversationID(_ id: Text) -> Bool {
        guard let first = id.utf8.first, id.utf8.count <= 128, isAlphanumeric(first) else { return false }
        return id.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
