import Glibc

/// A running program with a pipe to its input and one from its output. Its errors go to ours. It knows nothing of the
/// caller's environment but PATH, and a scratch folder is its HOME, so that nobody's settings change the figures. The
/// program's files are written there first.
final class Child {
    let name: String
    /// Our end of its standard input.
    let input: CInt
    /// Our end of its standard output.
    let output: CInt
    private let process: pid_t
    /// Kept so that it doesn't go while the process runs.
    private let scratch: Scratch
    private var isReaped = false
    private var isInputOpen = true

    init(_ program: Program, in scratch: Scratch) throws {
        name = program.path
        self.scratch = scratch
        for (file, text) in program.files { try File.write(text, to: scratch.root + "/" + file) }
        let toChild = try Child.pipe(program.pipeKibibytes)
        let fromChild = try Child.pipe(program.pipeKibibytes)
        defer {
            close(toChild.readEnd)
            close(fromChild.writeEnd)
        }
        input = toChild.writeEnd
        output = fromChild.readEnd
        do {
            process = try Child.spawn(
                [program.path] + program.arguments(scratch.store), input: toChild.readEnd, output: fromChild.writeEnd,
                environment: ["HOME=\(scratch.root)", "PATH=\(Environment.value("PATH") ?? "/usr/bin:/bin")"])
        } catch {
            close(toChild.writeEnd)
            close(fromChild.readEnd)
            throw error
        }
    }

    /// A run that failed half-way leaves no process behind.
    deinit {
        if isInputOpen { close(input) }
        close(output)
        if !isReaped {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    /// Ends its input and expects it to leave with status 0.
    func finish() throws {
        close(input)
        isInputOpen = false
        var patience = Patience()
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 { try patience.interrupted() }
        isReaped = true
        if status != 0 { throw Failure("\(name) ended with \(Child.described(status))") }
    }

    /// How it ended, for a message: it has closed its output, so it should not be long.
    func reap() -> String {
        var status: CInt = 0
        for _ in 0..<100 where !isReaped {
            isReaped = waitpid(process, &status, WNOHANG) == process
            if !isReaped { usleep(10_000) }
        }
        return isReaped ? Child.described(status) : "still running"
    }

    /// Writes as much of the range as the pipe takes in one go, and says how much that was.
    func write(_ bytes: [UInt8], _ range: Range<Int>, _ patience: inout Patience) throws -> Int {
        let wrote = bytes.withUnsafeBytes {
            Glibc.write(input, $0.baseAddress?.advanced(by: range.lowerBound), range.count)
        }
        if wrote >= 0 {
            patience.moved()
            return wrote
        }
        guard errno == EINTR || errno == EAGAIN else {
            throw Failure("writing to \(name) (\(reap()))", errno: errno)
        }
        try patience.interrupted()
        return 0
    }

    func setBlocking(_ isBlocking: Bool) throws {
        for descriptor in [input, output] where fcntl(descriptor, F_SETFL, isBlocking ? 0 : O_NONBLOCK) != 0 {
            throw Failure("fcntl", errno: errno)
        }
    }

    /// Resident memory of this process alone, not of what it started, in MiB.
    func resident(_ moment: Resident) throws -> Double {
        let status = try File.text("/proc/\(process)/status")
        for line in status.split(separator: "\n") where line.hasPrefix(moment.rawValue + ":") {
            if let size = line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap({ Int($0) }) {
                return Double(size) / 1024
            }
        }
        throw Failure("/proc/\(process)/status has no \(moment.rawValue)")
    }

    private static func described(_ status: CInt) -> String {
        status & 0x7F == 0 ? "exit status \((status >> 8) & 0xFF)" : "signal \(status & 0x7F)"
    }
}

/// When a process's memory is looked at, as the kernel names it.
enum Resident: String {
    case now = "VmRSS"
    case peak = "VmHWM"
}

extension Child {
    private static func pipe(_ kibibytes: CInt) throws -> (readEnd: CInt, writeEnd: CInt) {
        var ends: [CInt] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw Failure("pipe", errno: errno) }
        for end in ends where fcntl(end, F_SETFD, FD_CLOEXEC) != 0 { throw Failure("fcntl", errno: errno) }
        if fcntl(ends[0], setPipeSize, kibibytes * 1024) < 0 {
            throw Failure("a pipe of \(kibibytes) KiB", errno: errno)
        }
        return (ends[0], ends[1])
    }

    private static func spawn(_ arguments: [String], input: CInt, output: CInt, environment: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)

        // We ignore SIGPIPE; a child that inherited that would not be what people run.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))

        let argv = arguments.map { strdup($0) } + [nil]
        let envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var process: pid_t = 0
        let problem = posix_spawn(&process, arguments[0], &actions, &attributes, argv, envp)
        guard problem == 0 else { throw Failure("starting \(arguments[0])", errno: problem) }
        return process
    }
}

/// F_SETPIPE_SZ, which the C library shows only to those who ask for its GNU side.
private let setPipeSize: CInt = 1031
