import Jansson

// What a plugin wrote, as it is quoted to people.
extension String {
    /// Without what could steer a terminal: whatever a plugin wrote may stand in it.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }

    /// Its beginning, for a sentence.
    var excerpt: String {
        let shown = unicodeScalars.prefix(120)
        return String(shown).printable + (shown.endIndex < unicodeScalars.endIndex ? "…" : "")
    }
}

extension JSONFragment {
    var description: String { String(decoding: bytes, as: UTF8.self) }
}
