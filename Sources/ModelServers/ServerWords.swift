import Jansson

/// What a server said, made fit to be shown: short, on one line, and without the key, which some servers send back.
package struct ServerWords: Sendable {
    /// Empty where there is none.
    private let key: [UInt8]

    /// - Parameter key: nil where there is none.
    package init(key: Text?) { self.key = key?.utf8 ?? [] }

    /// The message in an error's body, or its beginning where none can be told.
    package func message(of body: [UInt8]) -> String {
        guard let json = try? JSON.parse(body) else { return excerpt(body) }
        let error = json["error"]
        let found = [error?["message"], error, json["message"], json["detail"]].compactMap { $0?.text }.first {
            !$0.isEmpty
        }
        return excerpt(found?.utf8 ?? body)
    }

    /// The beginning of a text.
    package func excerpt(_ text: [UInt8]) -> String {
        var shown = withoutKey(text.prefix(Self.looked))[...]
        // Where it is cut, half a key may stand, each of its letters escaped.
        if text.count > Self.looked { shown = shown.dropLast(6 * key.count) }
        let words = String(decoding: shown, as: UTF8.self).unicodeScalars
            .split { $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F }
        let line = words.map { String($0) }.joined(separator: " ")
        return line.count > Self.longest ? line.prefix(Self.longest) + "…" : line
    }

    /// Characters that are shown, and bytes that they are looked for in.
    private static let longest = 300
    private static let looked = 64 << 10

    /// Any text with the key taken out.
    package func withoutKey(_ text: String) -> String {
        String(decoding: withoutKey(Array(text.utf8)[...]), as: UTF8.self)
    }

    private func withoutKey(_ text: ArraySlice<UInt8>) -> [UInt8] {
        if key.isEmpty { return Array(text) }
        var shown: [UInt8] = []
        var rest = text
        while let byte = rest.first {
            if let behind = endOfKey(rest), standsAlone(shown.last, rest[behind...].first) {
                shown += "[key]".utf8
                rest = rest[behind...]
            } else {
                shown.append(byte)
                rest = rest.dropFirst()
            }
        }
        return shown
    }

    /// A short key, which servers that want any are given, is part of many words, of which it would take a piece out.
    private func standsAlone(_ before: UInt8?, _ behind: UInt8?) -> Bool {
        if key.count >= 8 { return true }
        return ![before, behind].contains { byte in
            guard let byte else { return false }
            return byte >= 0x80 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || 0x30...0x39 ~= byte
        }
    }

    /// Where the key ends that the text begins with, as it is or with letters escaped as in JSON or in a URL.
    private func endOfKey(_ text: ArraySlice<UInt8>) -> Int? {
        if text.starts(with: key) { return text.startIndex + key.count }
        var rest = text
        for letter in key {
            guard let count = Self.bytes(of: letter, rest) else { return nil }
            rest = rest.dropFirst(count)
        }
        return rest.startIndex
    }

    /// How many bytes a letter takes that the text begins with; nil where it doesn't.
    private static func bytes(of letter: UInt8, _ text: ArraySlice<UInt8>) -> Int? {
        guard let first = text.first else { return nil }
        if first == letter { return 1 }
        let rest = text.dropFirst()
        switch first {
        case UInt8(ascii: "%"): return value(rest.prefix(2)) == letter ? 3 : nil
        case UInt8(ascii: "\\"):
            if rest.first == letter { return 2 }
            return rest.starts(with: "u00".utf8) && value(rest.dropFirst(3).prefix(2)) == letter ? 6 : nil
        default: return nil
        }
    }

    private static func value(_ digits: ArraySlice<UInt8>) -> UInt8? {
        digits.count == 2 ? UInt8(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    }
}
