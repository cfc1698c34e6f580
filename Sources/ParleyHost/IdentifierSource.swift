import Conversations
import Jansson

/// Where new ids come from.
package protocol IdentifierSource: Sendable {
    func next(_ kind: IdentifierKind, at time: Timestamp) -> Text
}

/// Ids from the system's secure random source.
package struct RandomIdentifiers: IdentifierSource {
    package init() {}

    package func next(_ kind: IdentifierKind, at time: Timestamp) -> Text {
        var generator = SystemRandomNumberGenerator()
        return Identifier.make(kind, at: time, randomness: (high: generator.next(), low: generator.next()))
    }
}
