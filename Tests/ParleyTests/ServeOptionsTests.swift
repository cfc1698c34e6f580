import ArgumentParser
import Testing

@testable import parley

/// Serving reads its options twice: quickly, and by the option parser. The two must not drift apart.
@Suite("The command line that serves") struct ServeOptionsTests {
    @Test(
        "What is read quickly means what the option parser makes of it",
        arguments: [
            [], ["serve"], ["--store", "/s"], ["--store=/s"], ["serve", "--durability", "os", "--config", "c.json"],
            ["--drain-seconds", "2.5"], ["--drain-seconds=0"], ["--log-level", "debug", "--store", "a=b"],
        ])
    func agree(_ arguments: [String]) throws {
        let quick = try #require(ServeOptions(quickly: arguments))
        let serve = try #require(try Parley.parseAsRoot(arguments) as? Serve)
        // Whether `serve` was said is not one of the parser's options.
        var parsed = serve.options
        parsed.isExplicit = quick.isExplicit
        #expect(quick == parsed)
        #expect(quick.isExplicit == arguments.contains("serve"))
    }

    @Test(
        "Everything else is left to the option parser",
        arguments: [
            ["--help"], ["--version"], ["call", "ping"], ["send", "x"], ["--stroe", "/s"], ["--store"],
            ["--store", "--x"],
            ["--store="], ["--durability", "disk"], ["--drain-seconds", "soon"], ["--drain-seconds", "nan"],
            ["--drain-seconds", "1e300"], ["--drain-seconds=-1"], ["--log-level", "loud"], ["more"],
        ])
    func others(_ arguments: [String]) {
        #expect(ServeOptions(quickly: arguments) == nil)
    }

    @Test("The option parser refuses what is no time to drain", arguments: ["nan", "1e300", "-1", "inf"])
    func times(_ seconds: String) {
        #expect(throws: (any Error).self) { try Parley.parseAsRoot(["serve", "--drain-seconds=\(seconds)"]) }
    }
}
