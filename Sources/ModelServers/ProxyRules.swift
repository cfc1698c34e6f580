import Glibc

/// Which requests go through a proxy, as the environment says and curl does.
package struct ProxyRules: Sendable {
    /// A proxy, and who we are to it.
    package struct Proxy: Equatable, Sendable {
        package enum Kind: Sendable { case http, socks }
        package let kind: Kind
        package let host: String
        package let port: Int
        /// Nil where it asks for nobody.
        package let user: String?
        package let password: String

        /// Host and port, as in a URL.
        package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    private let environment: @Sendable (String) -> String?

    /// - Parameter environment: the value of a variable.
    package init(environment: @escaping @Sendable (String) -> String?) { self.environment = environment }

    /// The proxy for requests to `url`; nil where they go straight there.
    ///
    /// - Throws: a clause that names the variable, without its value, which may hold a password.
    package func proxy(for url: ServerURL) throws(URLFault) -> Proxy? {
        let names = url.scheme == "https" ? ["HTTPS_PROXY", "ALL_PROXY"] : ["HTTP_PROXY", "ALL_PROXY"]
        guard let (name, text) = names.lazy.compactMap(value).first else { return nil }
        if let exceptions = value(of: "NO_PROXY")?.text, Self.isExcepted(url, exceptions) { return nil }
        let parsed: ServerURL
        do throws(URLFault) {
            parsed = try ServerURL(text.contains("://") ? text : "http://\(text)")
        } catch {
            throw URLFault("`\(name)` names no proxy that can be used: it \(error)")
        }
        let kind: Proxy.Kind
        switch parsed.scheme {
        case "http": kind = .http
        case "socks5", "socks5h", "socks": kind = .socks
        default:
            throw URLFault("`\(name)` names a proxy of `\(parsed.scheme)://`; `http://` and `socks5://` can be used")
        }
        if kind == .socks, parsed.user != nil {
            throw URLFault("`\(name)` has a name for a SOCKS proxy, which only `http://` proxies can be told")
        }
        // 1080 is what curl takes, whichever kind of proxy it is.
        return Proxy(
            kind: kind, host: parsed.host, port: parsed.port ?? 1080, user: parsed.user, password: parsed.password)
    }

    /// What a variable says, in lower case first; nil where it says nothing.
    private func value(of name: String) -> (name: String, text: String)? {
        for name in [name.lowercased(), name] {
            if let text = environment(name), !text.isEmpty { return (name, text) }
        }
        return nil
    }

    /// Whether a list such as `localhost, .example.com, 10.0.0.0/8, [::1]:8080` has the URL's host.
    static func isExcepted(_ url: ServerURL, _ list: String) -> Bool {
        list.split { $0 == "," || $0 == " " }.contains { entry in
            entry == "*" || matches(url, entry.lowercased())
        }
    }

    private static func matches(_ url: ServerURL, _ entry: String) -> Bool {
        if let slash = entry.firstIndex(of: "/") {
            guard let network = Address(entry[..<slash]), let host = Address(url.host[...]),
                let bits = Int(entry[entry.index(after: slash)...])
            else { return false }
            return network.contains(host, bits: bits)
        }
        if let entry = Address(entry[...]) { return entry == Address(url.host[...]) }
        // A port can be told from an IPv6 address only now.
        guard let parsed = try? ServerURL("http://\(entry)") else { return false }
        if let port = parsed.port, port != url.effectivePort { return false }
        // Of an address nothing is a part that could stand for it.
        let address = Address(url.host[...])
        if address != nil || Address(parsed.host[...]) != nil { return address == Address(parsed.host[...]) }
        let name = parsed.host.drop { $0 == "." }
        let host = url.host.last == "." ? url.host.dropLast() : url.host[...]
        return host == name || host.hasSuffix(".\(name)")
    }

    /// An IP address's bytes: 4 or 16.
    private struct Address: Equatable {
        let bytes: [UInt8]

        init?(_ text: Substring) {
            var text = String(text)
            if text.first == "[", text.last == "]" { text = String(text.dropFirst().dropLast()) }
            let isShort = !text.contains(":")
            var space = [UInt8](repeating: 0, count: isShort ? 4 : 16)
            guard inet_pton(isShort ? AF_INET : AF_INET6, text, &space) == 1 else { return nil }
            bytes = space
        }

        func contains(_ other: Address, bits: Int) -> Bool {
            guard bytes.count == other.bytes.count, (0...(8 * bytes.count)).contains(bits) else { return false }
            return (0..<bits).allSatisfy { bit in
                (bytes[bit / 8] ^ other.bytes[bit / 8]) & (0x80 >> (bit % 8)) == 0
            }
        }
    }
}
