import Glibc
import Testing

@testable import Agents

@Suite("All programs of a host") struct ProgramsTests {
    private let programs = Programs()

    private func isThere(_ process: String.SubSequence?) -> Bool {
        guard let number = process.flatMap({ pid_t($0) }) else { return false }
        return kill(number, 0) == 0
    }

    @Test("The end waits until all are gone, whatever that takes")
    func end() throws {
        let scripts = [
            "cat", "trap 'exit 7' TERM; sleep 1000 & wait", "trap '' TERM; sleep 1000 & wait", "exec sleep 1000",
        ]
        let runs = scripts.map { script in
            // A trap is there before it says so.
            let parts = script.split(separator: ";", maxSplits: 1).map(String.init)
            return ProgramRun(
                parts.count == 1 ? "echo $$; \(script)" : "\(parts[0]); echo $$; \(parts[1])", in: programs)
        }
        let processes = try runs.map { try $0.value { $0.text.hasSuffix("\n") }.text.split(separator: "\n").first }
        #expect(processes.allSatisfy { isThere($0) } && !programs.isClosed)
        programs.end()
        #expect(!processes.contains { isThere($0) } && programs.isClosed)
        #expect(
            try runs.map { try $0.end().ends } == [
                ["ended with status 0"], ["ended with status 7"], ["was killed by SIGKILL"], ["was killed by SIGTERM"],
            ])
    }

    @Test("Without programs, and a second time, the end is there at once")
    func nothing() throws {
        programs.end()
        programs.end()
        let others = Programs()
        _ = try ProgramRun("exit 0", in: others).end()
        others.end()
        others.end()
        #expect(others.isClosed)
    }

    @Test("What is started after the end is stopped at once")
    func late() throws {
        programs.end()
        let run = ProgramRun("trap '' TERM; cat; sleep 1000", in: programs)
        #expect(try run.end().ends == ["was killed by SIGKILL"])
        let missing = ProgramRun(Program(command: ["./none"], folder: "/"), in: programs)
        #expect(try missing.end().ends.first?.contains("`./none`") ?? false)
    }

    @Test("Many side by side don't get into each other's way")
    func many() throws {
        defer { programs.end() }
        let runs = (0..<30).map { number in ProgramRun("read line; echo \"\(number) $line\"", in: programs) }
        for (number, run) in runs.enumerated().reversed() { #expect(run.send("<\(number)>\n")) }
        for (number, run) in runs.enumerated() {
            let told = try run.end()
            #expect(told.text == "\(number) <\(number)>\n" && told.ends == ["ended with status 0"])
        }
    }

    @Test("Nothing of those that are gone is left open here")
    func descriptors() throws {
        defer { programs.end() }
        // A program sees which pipes it has; others may have as many of their own, so these are looked for by name.
        var pipes: Set<String> = []
        for number in 0..<50 {
            // Some start, and some can't.
            let run = ProgramRun(
                "readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; exit \(number)", in: programs)
            let missing = ProgramRun(Program(command: ["/bin/sh"], folder: "/no/such/folder"), in: programs)
            let names = try run.end().text.split(separator: "\n").map(String.init)
            try #require(names.count == 3 && names.allSatisfy { $0.hasPrefix("pipe:[") })
            pipes.formUnion(names)
            _ = try missing.end()
        }
        let open = try Self.openDescriptors()
        #expect(open.names.contains { $0.hasPrefix("/") }, "the list was read")
        #expect(pipes.isDisjoint(with: open.names))
        #expect(!open.isOfProcessThatIsGone)
    }

    /// What this process has open, and whether a process descriptor is among that whose process was reaped.
    private static func openDescriptors() throws -> (names: Set<String>, isOfProcessThatIsGone: Bool) {
        var names: Set<String> = []
        var isGone = false
        for descriptor in 0..<4096 {
            var buffer = [CChar](repeating: 0, count: 256)
            let count = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
            if count <= 0 { continue }
            names.insert(String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
            guard let file = fopen("/proc/self/fdinfo/\(descriptor)", "r") else { continue }
            defer { fclose(file) }
            while fgets(&buffer, Int32(buffer.count), file) != nil {
                let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if line == "Pid:\t-1\n" { isGone = true }
            }
        }
        return (names, isGone)
    }
}
