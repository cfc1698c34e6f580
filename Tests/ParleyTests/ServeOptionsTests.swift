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
            ["--deterministic"], ["--in-order"], ["--no-in-order"], ["serve", "--in-order", "--deterministic"],
            ["--in-order", "--no-in-order"], ["--no-in-order", "--in-order"],
            ["--deterministic", "--no-in-order", "--store", "/s"],
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
            ["--deterministic=true"], ["--in-order=false"], ["--no-deterministic"], ["--store", "--in-order"],
            ["--deterministic", "more"], ["call", "--deterministic"],
        ])
    func others(_ arguments: [String]) {
        #expect(ServeOptions(quickly: arguments) == nil)
    }

    @Test(
        "What flags mean",
        arguments: [
            ([], false, nil), (["--deterministic"], true, nil), (["--in-order"], false, true),
            (["--no-in-order"], false, false), (["--in-order", "--no-in-order", "--deterministic"], true, false),
        ] as [([String], Bool, Bool?)])
    func flags(_ arguments: [String], _ isDeterministic: Bool, _ isInOrder: Bool?) throws {
        let options = try #require(ServeOptions(quickly: arguments))
        #expect(options.isDeterministic == isDeterministic && options.isInOrder == isInOrder)
    }

    @Test("The option parser refuses what is no time to drain", arguments: ["nan", "1e300", "-1", "inf"])
    func times(_ seconds: String) {
        #expect(throws: (any Error).self) { try Parley.parseAsRoot(["serve", "--drain-seconds=\(seconds)"]) }
    }
}
