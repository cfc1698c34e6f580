/// The address of a server or of a proxy, taken apart.
package struct ServerURL: Equatable, Sendable {
    /// In lower case.
    package let scheme: String
    /// Without the brackets of an IPv6 address, in lower case.
    package let host: String
    /// As written; nil where the scheme's usual one is meant.
    package let port: Int?
    /// Without a slash at its end, so "" or "/v1".
    package let path: String
    /// What stands before an @, percent-decoded.
    package let user: String?
    package let password: String

    package init(_ text: String) throws(URLFault) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.contains(where: { "\"<>\\^`{|}".contains($0) })
        else { throw URLFault("has white space in it, or another character that no URL has as it is") }
        guard let mark = text.firstRange(of: "://"), mark.lowerBound > text.startIndex else {
            throw URLFault("is no URL, such as `http://127.0.0.1:11434/v1`")
        }
        scheme = text[..<mark.lowerBound].lowercased()
        let rest = text[mark.upperBound...]
        if rest.contains("?") || rest.contains("#") { throw URLFault("has a `?` or a `#` in it") }
        let authority = rest.prefix { $0 != "/" }
        path = String(rest[authority.endIndex...].trimmingSlashes)
        let place: Substring
        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = parts.first.map(percentDecoded)
            password = parts.count > 1 ? percentDecoded(parts[1]) : ""
            place = authority[authority.index(after: at)...]
        } else {
            (user, password) = (nil, "")
            place = authority
        }
        (host, port) = try Self.hostAndPort(place)
    }

    private static func hostAndPort(_ place: Substring) throws(URLFault) -> (String, Int?) {
        var host = place
        var port: Substring?
        if place.first == "[" {
            guard let end = place.firstIndex(of: "]") else { throw URLFault("has a `[` without its `]`") }
            host = place[place.index(after: place.startIndex)..<end]
            let behind = place[place.index(after: end)...]
            if !behind.isEmpty {
                guard behind.first == ":" else { throw URLFault("has something else than a port behind `]`") }
                port = behind.dropFirst()
            }
        } else if let colon = place.lastIndex(of: ":") {
            host = place[..<colon]
            port = place[place.index(after: colon)...]
        }
        if host.isEmpty { throw URLFault("names no host") }
        if place.first != "[", host.contains(":") { throw URLFault("has an IPv6 address without its `[` and `]`") }
        guard let port, !port.isEmpty else { return (host.lowercased(), nil) }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port), (1...65535).contains(number)
        else { throw URLFault("has no port from 1 to 65535 behind `:`") }
        return (host.lowercased(), number)
    }

    /// The port that is connected to.
    package var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }

    /// As in a URL or a `Host` header.
    package var authority: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(host):\($0)" } ?? host
    }

    /// All of it that stands before the path.
    package var origin: String { "\(scheme)://\(authority)" }
}

/// What is wrong with a URL, as a clause that goes behind it.
package struct URLFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// Text as one part of a URL's path: all but letters, digits and `-._~` as %XX.
func percentEncoded(_ text: [UInt8]) -> String {
    let hexadecimal = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in text {
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        if isLetter || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~".utf8.contains(byte) {
            encoded.append(byte)
        } else {
            encoded += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

private func percentDecoded(_ text: Substring) -> String {
    var decoded: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            decoded.append(value)
            rest = rest.dropFirst(2)
        } else {
            decoded.append(byte)
        }
    }
    return String(decoding: decoded, as: UTF8.self)
}

extension Substring {
    fileprivate var trimmingSlashes: Substring {
        var text = self
        while text.last == "/" { text.removeLast() }
        return text
    }
}
