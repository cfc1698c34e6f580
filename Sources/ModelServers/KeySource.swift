import Jansson

/// Where a server's key is. The key itself is never in a config.
package enum KeySource: Equatable, Sendable {
    /// A variable's name.
    case environment(String)
    /// A path; of a relative one, from the folder that the plugin runs in.
    case file(String)
    /// A program and its arguments.
    case command([String])

    init(_ json: JSON) throws(SettingsFault) {
        let shape =
            "must be {\"environment\": NAME}, {\"file\": PATH} or {\"command\": [PROGRAM, …]}, never the key itself"
        guard json.isObject, json.count == 1 else { throw SettingsFault("apiKey", shape) }
        if let name = Self.word(json["environment"]), !name.contains("=") {
            self = .environment(name)
        } else if let path = Self.word(json["file"]) {
            self = .file(path)
        } else if let command = json["command"], command.count > 0 {
            let words = command.elements.compactMap { $0.text?.description }
            guard words.count == command.count, words.first != "", !words.contains(where: { $0.contains("\0") }) else {
                throw SettingsFault("apiKey.command", "must be an array of strings, the first of them a program")
            }
            self = .command(words)
        } else {
            throw SettingsFault("apiKey", shape)
        }
    }

    private static func word(_ json: JSON?) -> String? {
        guard let word = json?.text?.description, !word.isEmpty, !word.contains("\0") else { return nil }
        return word
    }
}

extension KeySource {
    /// The key in what a file or a command gave: its first line, without white space around it.
    ///
    /// - Throws: a clause where there is none, or where it can't stand in a header.
    package static func key(in bytes: [UInt8]) throws(KeyFault) -> Text {
        let line = bytes.prefix { $0 != 0x0A }
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        let trimmed = line.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        if trimmed.isEmpty { throw KeyFault("its first line is empty") }
        // Also what keeps a key from being something else in the request, such as one more header.
        if !trimmed.allSatisfy({ (0x20...0x7E).contains($0) }) {
            throw KeyFault("its first line has characters that no key has")
        }
        return Text(utf8: Array(trimmed))
    }
}

/// Why there is no key, as a clause.
package struct KeyFault: Error, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
