import Conversations
import Glibc
import Jansson

/// Where new ids come from. It belongs to one host.
package protocol IdentifierSource: Sendable {
    mutating func next(_ kind: IdentifierKind, at time: Timestamp) -> Text
    /// Ids came into the store that this has not made; it asks for them if it could make them again.
    mutating func exclude(_ ids: () -> Set<Text>)
}

extension IdentifierSource {
    package mutating func exclude(_ ids: () -> Set<Text>) {}
}

/// Ids from the system's secure random source, which is asked for many at once: each call costs as much as parsing
/// half a request.
package struct RandomIdentifiers: IdentifierSource {
    private var pool: [UInt64] = []

    package init() {}

    package mutating func next(_ kind: IdentifierKind, at time: Timestamp) -> Text {
        if pool.count < 2 { refill() }
        let high = UInt16(truncatingIfNeeded: pool.removeLast())
        return Identifier.make(kind, at: time, randomness: (high: high, low: pool.removeLast()))
    }

    private mutating func refill() {
        pool = [UInt64](unsafeUninitializedCapacity: 32) { space, count in
            // getrandom(2): requests of up to 256 bytes are answered whole.
            let bytes = UnsafeMutableRawBufferPointer(space)
            if getentropy(bytes.baseAddress, bytes.count) == 0 { count = 32 }
        }
        if pool.isEmpty {
            var generator = SystemRandomNumberGenerator()
            pool = (0..<32).map { _ in generator.next() }
        }
    }
}
