import ModelServers
import Testing

@Suite("Which requests go through a proxy") struct ProxyRulesTests {
    private func proxy(_ url: String, _ environment: [String: String]) throws -> String? {
        try ProxyRules(environment: { environment[$0] }).proxy(for: ServerURL(url)).map { proxy in
            let user = proxy.user.map { "\($0):\(proxy.password)@" } ?? ""
            return "\(proxy.kind) \(user)\(proxy.authority)"
        }
    }

    @Test(
        "Variables, by the address's scheme, in lower case first",
        arguments: [
            ("http://h", ["HTTP_PROXY": "http://p:1"], "http p:1"), ("http://h", ["HTTPS_PROXY": "http://p:1"], nil),
            ("https://h", ["HTTPS_PROXY": "http://p:1"], "http p:1"), ("https://h", ["HTTP_PROXY": "http://p:1"], nil),
            ("https://h", ["ALL_PROXY": "http://p:1"], "http p:1"),
            ("http://h", ["all_proxy": "http://p:1"], "http p:1"),
            ("http://h", ["http_proxy": "p:1", "HTTP_PROXY": "q:2", "ALL_PROXY": "r:3"], "http p:1"),
            ("http://h", ["http_proxy": "", "HTTP_PROXY": "q:2"], "http q:2"), ("http://h", ["HTTP_PROXY": ""], nil),
            ("http://h", [:], nil),
        ] as [(String, [String: String], String?)])
    func variables(_ url: String, _ environment: [String: String], _ expected: String?) throws {
        #expect(try proxy(url, environment) == expected)
    }

    @Test(
        "How a proxy is written",
        arguments: [
            ("p", "http p:1080"), ("p:8080/", "http p:8080"), ("http://P.example:8080", "http p.example:8080"),
            ("http://ada:pass%40word@p:1", "http ada:pass@word@p:1"), ("ada@p:1", "http ada:@p:1"),
            ("http://a%3Ab:c:d@p:1", "http a:b:c:d@p:1"), ("http://[::1]:8080", "http [::1]:8080"),
            ("socks5://p", "socks p:1080"), ("socks5h://p:9", "socks p:9"),
        ])
    func forms(_ text: String, _ expected: String) throws {
        #expect(try proxy("https://h", ["ALL_PROXY": text]) == expected)
    }

    @Test(
        "What is no proxy is said, without its password",
        arguments: [
            "https://ada:secret@p:1", "ftp://ada:secret@p", "http://ada:secret@p:0", "socks5://ada:secret@p", "http://",
        ])
    func faults(_ text: String) {
        let fault = #expect(throws: URLFault.self) { try proxy("https://h", ["HTTPS_PROXY": text]) }
        #expect(fault?.description.contains("HTTPS_PROXY") == true)
        #expect(fault?.description.contains("secret") == false)
    }

    @Test(
        "Who is asked without it",
        arguments: [
            "*", "model.example", "MODEL.example", ".model.example", "example", ".example", "a.example, model.example",
            "a.example model.example", " model.example ", "model.example:8080", ",,model.example,",
        ])
    func excepted(_ list: String) throws {
        #expect(try proxy("http://model.example:8080", ["HTTP_PROXY": "p", "NO_PROXY": list]) == nil)
        #expect(try proxy("http://Model.Example.:8080", ["HTTP_PROXY": "p", "no_proxy": list]) == nil)
    }

    @Test(
        "Who is not",
        arguments: [
            "", " ", "ample", "del.example", "xmodel.example", "model.example:80", "model", "a.model.example", "**",
        ])
    func notExcepted(_ list: String) throws {
        #expect(try proxy("http://model.example:8080", ["HTTP_PROXY": "p", "NO_PROXY": list]) != nil)
    }

    @Test(
        "Addresses, and nets of them",
        arguments: [
            ("http://127.0.0.1:9", "127.0.0.1", true), ("http://127.0.0.1:9", "127.0.0.1:9", true),
            ("http://127.0.0.1:9", "127.0.0.1:8", false), ("http://127.0.0.1", "27.0.0.1", false),
            ("http://127.0.0.1", ".0.0.1", false), ("http://127.0.0.1", "127.0.0", false),
            ("http://10.1.2.3", "10.0.0.0/8", true), ("http://11.1.2.3", "10.0.0.0/8", false),
            ("http://10.1.2.3", "10.1.2.0/23", true), ("http://10.1.4.3", "10.1.2.0/23", false),
            ("http://10.1.2.3", "10.1.2.3/33", false), ("http://10.1.2.3", "10.1.2.3/x", false),
            ("http://name.example", "0.0.0.0/0", false), ("http://[::1]:9", "::1", true),
            ("http://[::1]:9", "[::1]", true),
            ("http://[::1]:9", "[::1]:9", true), ("http://[::1]:9", "0:0:0:0:0:0:0:1", true),
            ("http://[fd00::7]", "fd00::/8", true), ("http://[fe00::7]", "fd00::/8", false),
            ("https://[::1]", "127.0.0.0/8", false),
        ])
    func addresses(_ url: String, _ list: String, _ isExcepted: Bool) throws {
        #expect(try (proxy(url, ["ALL_PROXY": "p", "NO_PROXY": list]) == nil) == isExcepted)
    }
}
