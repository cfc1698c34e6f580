import Testing

@Suite("Programs are started in one place") struct ProcessTests {
    private let sources: [Repository.File]

    init() throws { sources = try Repository.sources() }

    /// Who may, and what for.
    private static let places = [
        // What starts programs for all of the host, so that none outlives it.
        "Sources/CProcesses/", "Sources/Agents/Programs/",
        // Beside the host: the plugin for model servers has a command tell its key.
        "Sources/parley-agent-http/KeyCommand.swift",
    ]

    private static let marks = ["spawn", "fork", "Fork", "clone", "popen", "execl", "execv", "fexec", "system("]

    /// Whether a line has a way to another process, of the system's or our own.
    private static func startsProgram(_ line: Substring) -> Bool {
        // Most lines need no closer look.
        if !marks.contains(where: { line.contains($0) }) { return false }
        let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
        let ways = /\b(posix_spawn\w*|vfork|_Fork|clone3|popen|fexecve|exec(l|le|lp|v|ve|vp|vpe|veat)|linux_spawn)\b/
        if code.contains(ways.wordBoundaryKind(.simple)) { return true }
        // These words have other meanings too: `host.fork(…)`, `func fork(…)`.
        return code.matches(of: /\b(fork|system|clone)\(/.wordBoundaryKind(.simple)).contains { match in
            let before = code[..<match.range.lowerBound]
            return !before.hasSuffix("func ") && (!before.hasSuffix(".") || before.hasSuffix("Glibc."))
        }
    }

    @Test(
        "What starts a program is recognized",
        arguments: [
            ("    pid_t child = fork();", true), ("let child = Glibc.fork()", true), ("vfork()", true),
            ("execve(path, arguments, environment);", true), ("execvp(a, b)", true), ("system(\"ls\")", true),
            ("let failure = posix_spawnp(&process, word, nil, nil, &words, environ)", true),
            ("popen(a, b)", true), ("let way = linux_spawn", true), ("clone(run, stack, 0, NULL);", true),
            ("host.fork(id, as: free)", false), ("fileprivate func fork(_ id: Text)", false), ("// fork() it", false),
            ("case exec, plugin", false), ("let file = \"/etc/system\"", false), ("pitchfork(x)", false),
            ("executions[id]", false), ("operating_system(x)", false),
        ])
    func recognized(_ line: String, _ expected: Bool) {
        #expect(Self.startsProgram(line[...]) == expected)
    }

    @Test("Only Agents starts programs, by what CProcesses has for that")
    func onePlace() {
        var found: Set<String> = []
        for file in sources {
            for (number, line) in file.lines.enumerated() where Self.startsProgram(line) {
                let place = Self.places.first { file.path.hasPrefix($0) }
                if let place { found.insert(place) }
                #expect(place != nil, "\(file.path):\(number + 1): \(line)")
            }
        }
        #expect(found == Set(Self.places), "each of these does")
    }

    @Test("CProcesses is Agents' alone")
    func oneImport() {
        for file in sources where file.lines.contains("import CProcesses") {
            #expect(file.path.hasPrefix("Sources/Agents/"), "\(file.path)")
        }
    }
}
