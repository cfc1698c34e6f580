import Glibc
import Testing

@testable import Agents

@Suite("Programs at work") struct RunningProgramTests {
    private let programs = Programs()

    @Test("What is sent arrives on its stdin, and what it writes is told apart")
    func streams() throws {
        defer { programs.end() }
        let run = ProgramRun("read line; echo \"out $line\"; echo \"err $line\" >&2; cat", in: programs)
        #expect(run.send("one\n"))
        _ = try run.value { $0.text == "out one\n" && $0.errorText == "err one\n" }
        #expect(run.send("two"))
        run.running.endInput()
        let told = try run.end()
        #expect(told.text == "out one\ntwo" && told.errorText == "err one\n")
        #expect(told.ends == ["ended with status 0"])
    }

    @Test(
        "How it ended is told",
        arguments: [
            ("exit 0", "ended with status 0"), ("exit 3", "ended with status 3"), ("exit 255", "ended with status 255"),
            ("kill -TERM $$", "was killed by SIGTERM"), ("kill -KILL $$", "was killed by SIGKILL"),
            ("ulimit -c 0; kill -SEGV $$", "was killed by SIGSEGV"), ("kill -40 $$", "was killed by signal 40"),
        ])
    func ends(_ script: String, _ sentence: String) throws {
        defer { programs.end() }
        let told = try ProgramRun(script, in: programs).end()
        #expect(told.ends == [sentence] && told.output.isEmpty && told.error.isEmpty)
    }

    @Test("What it wrote last is told before its end")
    func lastWords() throws {
        defer { programs.end() }
        for _ in 0..<20 {
            let told = try ProgramRun("echo out; echo err >&2; exit 1", in: programs).end()
            #expect(told.text == "out\n" && told.errorText == "err\n")
        }
    }

    @Test(
        "What can't be started says why",
        arguments: [
            (["./none"], "The command `./none` can't be started: No such file or directory."),
            (["./text"], "The command `./text` can't be started: Exec format error."),
            (["/bin/sh"], "The command `/bin/sh` can't be started: No such file or directory."),
        ])
    func notStarted(_ command: [String], _ sentence: String) throws {
        defer { programs.end() }
        let folder = try TemporaryFolder()
        try folder.write("text", "no program\n", mode: 0o755)
        let place = command == ["/bin/sh"] ? "\(folder.path)/no-such-folder" : folder.path
        let run = ProgramRun(Program(command: command, folder: place), in: programs)
        #expect(run.send("x"))
        run.running.stop(.firmly)
        #expect(try run.end().ends == [sentence])
    }

    @Test("A mebibyte goes in and comes out, byte for byte")
    func large() throws {
        defer { programs.end() }
        let run = ProgramRun("cat", in: programs)
        let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        for start in stride(from: 0, to: bytes.count, by: 100_000) {
            #expect(run.running.send(Array(bytes[start..<min(start + 100_000, bytes.count)])))
        }
        run.running.endInput()
        let told = try run.end()
        #expect(told.output == bytes && told.ends == ["ended with status 0"])
    }

    @Test("One that doesn't read its input ends as it likes", arguments: ["exit 5", "exec <&-; exit 5"])
    func unread(_ script: String) throws {
        defer { programs.end() }
        let run = ProgramRun(script, in: programs)
        #expect(run.running.send([UInt8](repeating: 0x78, count: 1 << 20)))
        run.running.endInput()
        #expect(try run.end().ends == ["ended with status 5"])
        #expect(run.send("more"), "what is gone takes everything")
    }

    @Test("Only so much waits for one that doesn't read")
    func bound() throws {
        defer { programs.end() }
        let run = ProgramRun("echo up; exec sleep 1000", in: programs)
        try run.says("up")
        #expect(run.running.send([UInt8](repeating: 0, count: RunningProgram.waitingBytes + (1 << 20))))
        #expect(!run.send("x"))
        run.running.stop(.atOnce)
        #expect(try run.end().ends == ["was killed by SIGKILL"])
    }

    @Test("Short lines are collected until somebody has them written; much is written at once")
    func collecting() throws {
        defer { programs.end() }
        let run = ProgramRun("cat", in: programs)
        for line in ["one\n", "two\n"] { #expect(run.running.collect(Array(line.utf8)) == .collected) }
        run.running.flush()
        #expect(try run.value { $0.text == "one\ntwo\n" }.ends.isEmpty)
        // From so much on nobody need say so.
        let much = [UInt8](repeating: 0x78, count: 32 << 10)
        #expect(run.running.collect(much) == .begun)
        _ = try run.value { $0.output.count == 8 + much.count }
        // And the end has what was collected written.
        #expect(run.running.collect(Array("last".utf8)) == .collected)
        run.running.endInput()
        #expect(try run.end().text.hasSuffix("xlast"))
    }

    @Test("What is sent behind the end of its input is dropped")
    func behindTheEnd() throws {
        defer { programs.end() }
        let run = ProgramRun("cat", in: programs)
        #expect(run.send("one"))
        run.running.endInput()
        #expect(run.send("two"))
        #expect(try run.end().text == "one")
    }

    @Test("That it closed its stdout is told while it goes on")
    func closedOutput() throws {
        defer { programs.end() }
        let run = ProgramRun("exec >&-; read line; exit 4", in: programs)
        #expect(try run.value { $0.hasOutputEnded }.ends.isEmpty)
        #expect(run.send("on\n"))
        #expect(try run.end().ends == ["ended with status 4"])
    }

    @Test("It is given its arguments, its folder and its variables as they are")
    func surroundings() throws {
        defer { programs.end() }
        let folder = try TemporaryFolder()
        try folder.write("run", "#!/bin/sh\npwd -P\nprintf '<%s>' \"$@\"\n", mode: 0o755)
        let words = ["./run", "a b", "", "$HOME", "ü\n", "-x"]
        let told = try ProgramRun(Program(command: words, folder: folder.path), in: programs).end()
        #expect(told.text == "\(folder.path)\n<a b><><$HOME><ü\n><-x>")
        let program = Program(command: ["env"], folder: folder.path, environment: ["PATH"])
        let variables = try ProgramRun(program, in: programs).end()
        #expect(variables.text == program.variables.map { "\($0)\n" }.joined())
    }

    @Test("It has its three descriptors and no other, a group of its own, and signals as they are at first")
    func inherited() throws {
        defer { programs.end() }
        // Open for whoever this process starts, unless that is prevented.
        let left = open("/dev/null", O_RDONLY)
        defer { close(left) }
        let listed = try ProgramRun(Program(command: ["ls", "/proc/self/fd"]), in: programs).end()
        // The last one is what `ls` reads the folder by.
        #expect(listed.text == "0\n1\n2\n3\n")
        let group = try ProgramRun("cut -d' ' -f5 /proc/$$/stat; echo $$", in: programs).end()
        let numbers = group.text.split(separator: "\n")
        #expect(numbers.count == 2 && numbers.first == numbers.last)
        let signals = try ProgramRun(
            Program(command: ["grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"]), in: programs
        )
        .end()
        let masks = signals.text.split(separator: "\n").compactMap { UInt64($0.split(separator: "\t")[1], radix: 16) }
        try #require(masks.count == 2)
        #expect(masks[0] == 0 && masks[1] & 1 << UInt64(SIGPIPE - 1) == 0, "\(signals.text)")
    }
}
