import Jansson

/// A member, or an element, that is not the same in two JSON values.
struct JSONDifference: CustomStringConvertible {
    /// From the root, as `result.messages[2].content`; empty for the values themselves.
    let path: String
    /// nil where there is none.
    let written: JSON?
    /// nil where there is none.
    let received: JSON?

    /// Where two values differ, members in the order in which they are written, new ones behind them; none where only
    /// the order of members differs.
    static func all(_ written: JSON, _ received: JSON, at path: String = "") -> [JSONDifference] {
        switch (written.kind, received.kind) {
        case (.object, .object): members(written, received, path)
        case (.array, .array): elements(written.elements, received.elements, path)
        default:
            JSONFragment(written) == JSONFragment(received)
                ? [] : [JSONDifference(path: path, written: written, received: received)]
        }
    }

    private static func members(_ written: JSON, _ received: JSON, _ path: String) -> [JSONDifference] {
        var new: [Text: JSON] = [:]
        for (name, value) in received.members { new[Text(name)] = value }
        var differences: [JSONDifference] = []
        for (bytes, value) in written.members {
            let name = Text(bytes)
            differences += of(value, new.removeValue(forKey: name), member(name, of: path))
        }
        for (bytes, value) in received.members where new[Text(bytes)] != nil {
            differences += of(nil, value, member(Text(bytes), of: path))
        }
        return differences
    }

    private static func elements(_ written: [JSON], _ received: [JSON], _ path: String) -> [JSONDifference] {
        (0..<max(written.count, received.count)).flatMap { index in
            of(
                index < written.count ? written[index] : nil, index < received.count ? received[index] : nil,
                "\(path)[\(index)]")
        }
    }

    private static func of(_ written: JSON?, _ received: JSON?, _ path: String) -> [JSONDifference] {
        if let written, let received { return all(written, received, at: path) }
        return [JSONDifference(path: path, written: written, received: received)]
    }

    /// A name that would be misread between dots stands in brackets.
    private static func member(_ name: Text, of path: String) -> String {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && !Array(#".[]":"#.utf8).contains($0) }
        if isPlain { return path.isEmpty ? "\(name)" : "\(path).\(name)" }
        return "\(path)[\(String(decoding: JSONFragment.string(name).bytes, as: UTF8.self))]"
    }

    // MARK: As text

    /// Such as `result.count: 2 became 3`, long values cut around the first difference between them.
    var description: String {
        let place = path.isEmpty ? "the whole value" : path
        let (old, new) = (written.map { JSONFragment($0).bytes }, received.map { JSONFragment($0).bytes })
        switch (old, new) {
        case (let old?, let new?):
            let start = Self.firstShown(old, new)
            return "\(place): \(excerpt(old, from: start)) became \(excerpt(new, from: start))"
        case (let old?, nil): return "\(place): gone (was \(excerpt(old)))"
        case (nil, let new): return "\(place): new \(excerpt(new ?? []))"
        }
    }

    /// Bytes that are shown before the first difference where both values begin with the same text.
    private static let lead = 20

    private static func firstShown(_ old: [UInt8], _ new: [UInt8]) -> Int {
        if max(old.count, new.count) <= excerptWidth { return 0 }
        let same = zip(old, new).prefix { $0 == $1 }.count
        return same > excerptWidth - lead ? same - lead : 0
    }
}
