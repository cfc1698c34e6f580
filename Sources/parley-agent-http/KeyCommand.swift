@preconcurrency import Glibc
import Threads

/// A program that says a key on its stdout.
struct KeyCommand: Sendable {
    /// Seconds that it may take.
    private static let limit = 10
    /// Bytes of its output that are taken.
    private static let longestOutput = 64 << 10

    private let words: [String]

    init(_ words: [String]) { self.words = words }

    /// Runs it to its end, on a thread of its own.
    ///
    /// - Throws: a clause that goes behind the command.
    func output() async throws(CommandFault) -> [UInt8] {
        let outcome = await withCheckedContinuation { continuation in
            _ = Thread(name: "key") {
                continuation.resume(returning: Result { () throws(CommandFault) in try run() })
            }
        }
        return try outcome.get()
    }

    private func run() throws(CommandFault) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw CommandFault("can't be run: \(Self.reason(errno))") }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let started = Result { () throws(CommandFault) in try start(output: ends[1]) }
        close(ends[1])
        let process = try started.get()
        var bytes: [UInt8] = []
        var status: Int32 = 0
        let deadline = Self.now() + Self.limit * 1000
        // A daemon that the command leaves behind may hold its stdout open: what counts is the command's own end.
        while waitpid(process, &status, WNOHANG) == 0 {
            let left = deadline - Self.now()
            if left <= 0 {
                kill(process, SIGKILL)
                waitpid(process, &status, 0)
                throw CommandFault("took more than \(Self.limit) seconds")
            }
            Self.read(ends[0], into: &bytes, milliseconds: min(left, 20))
        }
        while Self.read(ends[0], into: &bytes, milliseconds: 0) {}
        if status & 0x7F != 0 { throw CommandFault("was killed by signal \(status & 0x7F)") }
        if status != 0 { throw CommandFault("ended with status \(status >> 8 & 0xFF)") }
        return bytes
    }

    private func start(output: Int32) throws(CommandFault) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this process does with signals is not for its children.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        let failure = posix_spawnp(&process, words[0], &actions, &attributes, &arguments, environ)
        if failure != 0 { throw CommandFault("can't be run: \(Self.reason(failure))") }
        return process
    }

    /// Reads once, if something comes within that time; false where nothing does, or nothing more will.
    @discardableResult
    private static func read(_ descriptor: Int32, into bytes: inout [UInt8], milliseconds: Int) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, Int32(milliseconds)) == 1 else { return false }
        var block = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &block, block.count)
        guard count > 0 else {
            // Its end is all that is left to wait for.
            if milliseconds > 0 { usleep(UInt32(milliseconds) * 1000) }
            return false
        }
        bytes += block[..<max(0, min(count, longestOutput - bytes.count))]
        return true
    }

    /// Milliseconds of the monotonic clock.
    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// Why a command gave no key, as a clause.
struct CommandFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
