/// Text as Markdown that shows it, formatting and all, but does nothing: no HTML, no links, no images, and no way out
/// of the block quote that it stands in. `decoded` gives back exactly what was encoded.
///
/// What would begin one of those is written as a character reference, which no renderer takes for markup (CommonMark,
/// section 2.5: "they cannot be used in place of symbols indicating structure"). Inside of code they show as they are.
enum SafeMarkdown {
    private static let references: [(byte: UInt8, text: [UInt8])] = [
        (UInt8(ascii: "<"), Array("&lt;".utf8)), (UInt8(ascii: "]"), Array("&#93;".utf8)),
        // A lone carriage return ends a line for renderers, though not for us.
        (0x0D, Array("&#13;".utf8)), (0x00, Array("&#0;".utf8)), (UInt8(ascii: "&"), Array("&amp;".utf8)),
    ]

    static func encoded(_ text: some Sequence<UInt8>) -> [UInt8] {
        let bytes = Array(text)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            let rest = bytes[(index + 1)...]
            if needsReference(byte, before: rest), let reference = references.first(where: { $0.byte == byte }) {
                encoded += reference.text
            } else {
                encoded.append(byte)
            }
        }
        return encoded
    }

    private static func needsReference(_ byte: UInt8, before rest: ArraySlice<UInt8>) -> Bool {
        switch byte {
        case UInt8(ascii: "<"):
            // A tag, a closing one, a declaration or comment, an instruction, an autolink.
            rest.first.map { Self.isLetter($0) || "/!?".utf8.contains($0) } ?? false
        case UInt8(ascii: "]"): rest.first.map { "([:".utf8.contains($0) } ?? false
        case 0x0D, 0x00: true
        case UInt8(ascii: "&"): references.contains { rest.starts(with: $0.text.dropFirst()) }
        default: false
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    static func decoded(_ text: some Sequence<UInt8>) -> [UInt8] {
        var rest = Array(text)[...]
        var decoded: [UInt8] = []
        decoded.reserveCapacity(rest.count)
        while let byte = rest.first {
            if byte == UInt8(ascii: "&"), let reference = references.first(where: { rest.starts(with: $0.text) }) {
                let behind = rest.dropFirst(reference.text.count)
                // `&amp;` stands for `&` only where that would otherwise begin a reference of ours.
                if reference.byte != byte || references.contains(where: { behind.starts(with: $0.text.dropFirst()) }) {
                    decoded.append(reference.byte)
                    rest = behind
                    continue
                }
            }
            decoded.append(byte)
            rest = rest.dropFirst()
        }
        return decoded
    }
}
