import Glibc
import Testing

@testable import Agents

@Suite("Programs as a config names them") struct ProgramTests {
    private let folder: TemporaryFolder
    private let logged = LoggedLines()

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inner")
        try folder.write("run", "#!/bin/sh\n", mode: 0o755)
        try folder.write("inner/run", "#!/bin/sh\n", mode: 0o755)
        try folder.write("text", "no program")
    }

    /// Where it was found, or why not; the folder is `F`.
    private func found(_ word: String, in place: String? = nil) -> String {
        let program = Program(command: [word.replacing("F", with: folder.path)], folder: place ?? folder.path)
        let found: String
        do throws(AgentFailure) { found = try program.path() } catch {
            found = "\(error.kind.rawValue): \(error.message)"
        }
        return found.replacing(folder.path, with: "F")
    }

    @Test(
        "A word with a slash counts from the program's folder, unless it begins with one",
        arguments: [
            ("./run", "F/./run"), ("inner/run", "F/inner/run"), ("F/run", "F/run"), ("/bin/sh", "/bin/sh"),
            ("./none", "unavailable: The command `./none` can't be started: No such file or directory."),
            ("./text", "unavailable: The command `./text` can't be started: it may not be run (`chmod +x` lets it)."),
            ("./inner", "unavailable: The command `./inner` can't be started: it is no file."),
            ("run/x", "unavailable: The command `run/x` can't be started: Not a directory."),
        ])
    func slash(_ word: String, _ expected: String) {
        #expect(found(word) == expected)
    }

    @Test("Without a folder it counts from this process's")
    func noFolder() {
        #expect(found("F/run", in: "") == "F/run")
        #expect(found("inner/none", in: "").contains("`inner/none`"))
    }

    @Test("A word without one is looked for in PATH, and not in the program's folder")
    func search() throws {
        let shell = found("sh")
        #expect(shell.hasSuffix("/sh") && access(shell, X_OK) == 0)
        let path = try #require(getenv("PATH").map { String(cString: $0) })
        #expect(path.split(separator: ":").contains { shell == "\($0)/sh" })
        for word in ["run", "surely-no-program-of-that-name", ""] {
            let sentence = "The command `\(word)` can't be started: it is in no folder of `PATH` (\(path))."
            #expect(found(word) == "unavailable: \(sentence)")
        }
    }

    private static let missing = "PARLEY_TEST_THAT_IS_NEVER_SET"

    @Test("It is handed the usual variables and those that it asks for, each once, as they are here")
    func variables() throws {
        let usual = Program(command: ["x"]).variables
        let path = try #require(getenv("PATH").map { "PATH=\(String(cString: $0))" })
        #expect(usual.contains(path))
        let known: Set<Substring> = [
            "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER",
        ]
        #expect(usual.allSatisfy { known.contains($0.prefix { $0 != "=" }) })
        #expect(Program(command: ["x"], environment: ["PATH", Self.missing, "HOME", "PATH"]).variables == usual)
        // A name that is no usual one and that is surely set: that of something this process has.
        let other = try #require(Self.otherVariable)
        #expect(
            Program(command: ["x"], environment: [other, other]).variables
                == usual + ["\(other)=\(getenv(other).map { String(cString: $0) } ?? "")"])
    }

    private static var otherVariable: String? {
        let usual = Set(Program(command: ["x"]).variables.map { $0.prefix { $0 != "=" } })
        var place = environ
        while let entry = place.pointee {
            let name = String(cString: entry).prefix { $0 != "=" }
            if !name.isEmpty, !usual.contains(name), getenv(String(name)) != nil { return String(name) }
            place += 1
        }
        return nil
    }

    @Test("What it asks for and isn't set is said in the log")
    func missingVariables() {
        let program = Program(command: ["x"], environment: ["PATH", Self.missing])
        #expect(program.missingVariables == [Self.missing])
        program.warnOfMissingVariables(for: "support", logged.logger)
        let sentence = "the environment variable `\(Self.missing)`, which `support` is to get, is not set"
        #expect(logged.all == ["warning: \(sentence)"])
        #expect(Program(command: ["x"], environment: ["PATH"]).missingVariables.isEmpty)
    }
}
