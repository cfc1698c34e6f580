import Testing

@Suite("How the sources are written") struct StyleTests {
    private let sources: [Repository.File]

    init() throws { sources = try Repository.sources() }

    /// A line without its comment and without what stands in string literals.
    private func code(_ line: Substring) -> String {
        let bare = line.replacing(/"(\\.|[^"\\])*"/, with: "\"\"")
        return String(bare.firstRange(of: "//").map { bare[..<$0.lowerBound] } ?? bare[...])
    }

    /// - Parameter mark: what a line that `pattern` fits must hold; most lines need no closer look.
    private func expectNowhere(_ mark: String, _ pattern: Regex<Substring>) {
        for file in sources where file.path.hasSuffix(".swift") {
            for (number, line) in file.lines.enumerated() where line.contains(mark) && code(line).contains(pattern) {
                Issue.record("\(file.path):\(number + 1): \(line)")
            }
        }
    }

    @Test("Nothing that a client sends ends the process: no forced try")
    func forcedTry() { expectNowhere("!", /\btry!/) }

    @Test("No forced cast")
    func forcedCast() { expectNowhere("!", /\bas!/) }

    @Test("No fatalError")
    func fatalError() { expectNowhere("fatalError", /\bfatalError\(/) }

    @Test("No forced unwrapping")
    func forcedUnwrapping() { expectNowhere("!", /[\w)\]"]!(?=$|[\s.,;:)\]}\[(?])/) }

    @Test("No implicitly unwrapped optional")
    func implicitlyUnwrapped() { expectNowhere("!", /: *[A-Z][\w<>.\[\]]*!/) }

    @Test("A file is short enough to be read")
    func length() {
        for file in sources { #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines") }
    }

    @Test("Names say what things are: nothing is a helper, a utility or a manager")
    func names() {
        let vague = /(Utils?|Utility|Utilities|Helpers?|Managers?)\b/
        for file in sources {
            #expect(!file.name.replacing(".swift", with: "").contains(vague), "\(file.path)")
            for line in file.lines {
                guard let match = line.firstMatch(of: /\b(?:struct|class|enum|actor|protocol|extension) (\w+)/) else {
                    continue
                }
                #expect(!match.1.contains(vague), "\(file.path): \(match.1)")
            }
        }
    }

    @Test("The project is at home on any machine: no text names a place of one")
    func places() throws {
        // Put together, so that this file does not name them either.
        let places = ["work", "root"].map { "/\($0)/" }
        for file in try Repository.files(in: "") {
            for place in places { #expect(!file.text.contains(place), "\(file.path) names \(place)") }
        }
    }

    @Test("A file has one blank line at most in a row, and ends with a line end")
    func blankLines() {
        for file in sources {
            #expect(file.text.hasSuffix("\n") && !file.text.hasSuffix("\n\n"), "\(file.path)")
            #expect(!file.text.contains("\n\n\n"), "\(file.path)")
        }
    }
}
