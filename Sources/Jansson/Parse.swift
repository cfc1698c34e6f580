import CJansson
import Glibc

/// Why bytes are not JSON that we take.
package struct JSONSyntaxError: Error, Equatable, Sendable {
    package enum Kind: Sendable { case malformed, tooDeep, tooComplex }
    package let kind: Kind
    /// One clause for people, from libjansson ("invalid token near '}'").
    package let reason: String
    /// Bytes of the text read when it went wrong.
    package let offset: Int
}

extension JSON {
    /// How deeply values may nest, a plain one counting as a level: JSON_PARSER_MAX_DEPTH, which libjansson is built
    /// with.
    package static let maximumDepth = 2048

    /// Parses one JSON text.
    ///
    /// Refused besides bad grammar: duplicate keys, lone surrogates, invalid UTF-8, U+0000 in a key, integers past 64
    /// bits, reals past a double, nesting past `maximumDepth`, and a tree that takes more than
    /// `max(64 MiB, 8 × bytes.count)` of memory (`tooComplex`).
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSON {
        guard let start = bytes.baseAddress, !bytes.isEmpty else {
            throw JSONSyntaxError(kind: .malformed, reason: "the text is empty", offset: 0)
        }
        // libjansson takes a raw NUL behind a number for white space; JSON has none.
        if let found = memchr(start, 0, bytes.count) {
            let offset = UnsafeRawPointer(found) - start
            throw JSONSyntaxError(kind: .malformed, reason: "U+0000 stands where it can't", offset: offset)
        }
        var failure = json_error_t()
        let flags = Int(JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL)
        let parsed = ParsedMemory(bytes) {
            json_loadb(start.assumingMemoryBound(to: CChar.self), bytes.count, flags, &failure)
        }
        if let root = parsed.root { return JSON(node: root, tree: Tree(root, arena: parsed.arena)) }
        let offset = min(max(0, Int(failure.position)), bytes.count)
        if parsed.isExceeded {
            throw JSONSyntaxError(kind: .tooComplex, reason: "it takes too much memory to hold", offset: offset)
        }
        // libjansson keeps the code in the last byte of `text`; json_error_code() is only a cast of that byte.
        let deep = json_error_code(&failure) == json_error_stack_overflow
        throw JSONSyntaxError(kind: deep ? .tooDeep : .malformed, reason: failure.reason, offset: offset)
    }

    package static func parse(_ text: ArraySlice<UInt8>) throws(JSONSyntaxError) -> JSON {
        let outcome = text.withUnsafeBytes { raw in
            Result { () throws(JSONSyntaxError) in try parse(raw) }
        }
        return try outcome.get()
    }

    package static func parse(_ text: some Collection<UInt8>) throws(JSONSyntaxError) -> JSON {
        try parse(Array(text)[...])
    }
}

extension json_error_t {
    /// libjansson's text with anything that could not be printed replaced: it quotes the input near the fault.
    fileprivate var reason: String {
        withUnsafeBytes(of: text) { raw in
            let end = raw.firstIndex(of: 0) ?? raw.count
            let string = String(decoding: raw[..<end], as: UTF8.self)
            return String(String.UnicodeScalarView(string.unicodeScalars.map { $0.value < 32 ? "\u{FFFD}" : $0 }))
        }
    }
}
