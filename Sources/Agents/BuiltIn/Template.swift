import Jansson

/// A reply with places for what the agent was given: `{prompt}`, `{context}`, and `{context.a.b}` for a member of it.
/// Anything else in braces, and a member that there is not, stays as it is written.
struct Template: Sendable {
    private enum Part: Sendable {
        case text(ArraySlice<UInt8>)
        case prompt
        /// The names that lead to a member, and the place as it is written.
        case context([Text], ArraySlice<UInt8>)
    }

    private let parts: [Part]

    init(_ text: Text) {
        var parts: [Part] = []
        var rest = text.utf8[...]
        while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
            guard let close = rest[open...].firstIndex(of: UInt8(ascii: "}")),
                let part = Self.part(rest[open...close])
            else {
                parts.append(.text(rest[...open]))
                rest = rest[(open + 1)...]
                continue
            }
            parts += [.text(rest[..<open]), part]
            rest = rest[(close + 1)...]
        }
        self.parts = parts + [.text(rest)]
    }

    private static func part(_ place: ArraySlice<UInt8>) -> Part? {
        let names = place.dropFirst().dropLast().split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false
        ).map { Text(utf8: Array($0)) }
        if names == ["prompt"] { return .prompt }
        return names.first == "context" ? .context(Array(names.dropFirst()), place) : nil
    }

    var needs: AgentNeeds {
        parts.contains { if case .context = $0 { true } else { false } } ? .context : []
    }

    func filled(with request: AgentRequest) -> Text {
        var filled: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let text): filled += text
            case .prompt: filled += request.prompt.utf8
            case .context(let names, let place): filled += Self.member(names, of: request.context) ?? Array(place)
            }
        }
        return Text(utf8: filled)
    }

    /// A string as it is, anything else as JSON.
    private static func member(_ names: [Text], of context: JSONFragment) -> [UInt8]? {
        var value = context
        for name in names {
            guard let member = Members(try? JSON.parse(value.bytes))[name] else { return nil }
            value = member
        }
        return (try? JSON.parse(value.bytes))?.text?.utf8 ?? value.bytes
    }
}
