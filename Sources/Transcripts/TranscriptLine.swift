import Jansson

extension Transcript {
    /// A line of the file.
    struct Line: Equatable, Sendable {
        enum Kind: Equatable, Sendable {
            case sent, received
            /// A comment or a blank line.
            case note
            /// A directive that sets the scene.
            case scene
            case advance(nanoseconds: Int64)
            case release(Text)
            case settle
        }

        let kind: Kind
        /// As it stands in the file, with its line end, which only the last line may lack.
        let bytes: [UInt8]

        static let settle = Line(kind: .settle, bytes: Array("#! settle\n".utf8))

        static func advance(nanoseconds: Int64) -> Line {
            Line(
                kind: .advance(nanoseconds: nanoseconds),
                bytes: Array("#! \(Directive.Name.advance) \(Directive.duration(nanoseconds))\n".utf8))
        }

        static func sent(_ text: some Collection<UInt8>) -> Line { marked(Mark.sent, .sent, text) }
        static func received(_ text: some Collection<UInt8>) -> Line { marked(Mark.received, .received, text) }

        private static func marked(_ mark: StaticString, _ kind: Kind, _ text: some Collection<UInt8>) -> Line {
            let start = mark.withUTF8Buffer { Array($0) } + (text.isEmpty ? [] : [UInt8(ascii: " ")])
            return Line(kind: kind, bytes: start + text + [0x0A])
        }

        /// What was sent or received: what stands behind the mark.
        var text: [UInt8] { Array(bytes.dropLast(isEnded ? 1 : 0).dropFirst(Mark.width + 1)) }

        var isEnded: Bool { bytes.last == 0x0A }
        /// The same line with its line end.
        var ended: Line { isEnded ? self : Line(kind: kind, bytes: bytes + [0x0A]) }
    }

    /// What a line begins with that was sent or received.
    enum Mark {
        static let sent: StaticString = "-->"
        static let received: StaticString = "<--"
        static let width = 3
    }

    /// The lines of a text, each with its line end; only 0x0A is one.
    static func lines(of bytes: [UInt8]) -> [[UInt8]] {
        var rest = bytes[...]
        var lines: [[UInt8]] = []
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
            lines.append(Array(rest[..<end]))
            rest = rest[end...]
        }
        return lines
    }
}

extension ArraySlice<UInt8> {
    func starts(with mark: StaticString) -> Bool { mark.withUTF8Buffer { starts(with: $0) } }

    /// Whether this is `mark` alone, or behind it comes a space and then anything.
    func isMarked(_ mark: StaticString) -> Bool {
        guard starts(with: mark) else { return false }
        let behind = dropFirst(mark.utf8CodeUnitCount).first
        return behind == nil || behind == UInt8(ascii: " ")
    }

    var isBlank: Bool { allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
}
