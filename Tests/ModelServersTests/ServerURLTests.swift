import ModelServers
import Testing

@Suite("Addresses of servers") struct ServerURLTests {
    @Test(
        "Taken apart",
        arguments: [
            ("https://api.example.com/v1", "https", "api.example.com", 443, "/v1"),
            ("HTTP://Localhost:11434/v1/", "http", "localhost", 11434, "/v1"), ("http://h", "http", "h", 80, ""),
            ("http://h//", "http", "h", 80, ""), ("http://h:/a%20b", "http", "h", 80, "/a%20b"),
            ("http://[::1]:8080/v1", "http", "::1", 8080, "/v1"), ("https://[fd00::1]", "https", "fd00::1", 443, ""),
        ])
    func parts(_ text: String, _ scheme: String, _ host: String, _ port: Int, _ path: String) throws {
        let url = try ServerURL(text)
        #expect((url.scheme, url.host, url.effectivePort, url.path) == (scheme, host, port, path))
    }

    @Test("Put together again", arguments: ["http://h", "https://h:8443", "http://[::1]:80", "http://[::1]"])
    func origin(_ text: String) throws { #expect(try ServerURL(text + "/v1").origin == text) }

    @Test(
        "What is none",
        arguments: [
            "", "localhost:11434", "http:/h", "://h", "http://", "http:///v1", "http://:80", "http://h:0",
            "http://h:65536",
            "http://h:8o", "http://h:-1", "http://::1", "http://[::1", "http://[::1]8", "http://h /", "http://h/ü",
            "http://h?x=1",
            "http://h/#a", #"http://h/""#, "http://a|b", "http://h\\", "http://h\n",
        ])
    func none(_ text: String) { #expect(throws: URLFault.self) { try ServerURL(text) } }
}
