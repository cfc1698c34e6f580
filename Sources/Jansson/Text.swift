/// A string as its UTF-8 bytes: what ids, keys, names and contents are here.
///
/// Swift's `String` calls composed and decomposed letters equal, which would merge distinct JSON keys and ids;
/// a `Text` equals another only byte for byte.
package struct Text: Hashable, Sendable {
    package let utf8: [UInt8]

    package init(utf8: [UInt8]) { self.utf8 = utf8 }

    package init(_ string: String) { utf8 = Array(string.utf8) }

    package init(_ bytes: UnsafeBufferPointer<UInt8>) { utf8 = Array(bytes) }

    package var isEmpty: Bool { utf8.isEmpty }

    package static func == (left: Text, right: Text) -> Bool { left.utf8 == right.utf8 }

    package func hash(into hasher: inout Hasher) {
        utf8.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Text: ExpressibleByStringLiteral {
    package init(stringLiteral value: StaticString) {
        utf8 = value.withUTF8Buffer { Array($0) }
    }
}

extension Text: CustomStringConvertible {
    package var description: String { String(decoding: utf8, as: UTF8.self) }
}

extension Text: Comparable {
    package static func < (left: Text, right: Text) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
}
