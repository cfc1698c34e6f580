import ArgumentParser
import Glibc

/// Measures the built host over real pipes, beside programs that do the least, and prints one table.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley-bench",
        abstract: "Measures the host beside a C program of the least work.",
        discussion: "Rows:\n" + Row.all.map { "  \($0.name.padded(to: 16))  \($0.summary)" }.joined(separator: "\n"))

    @Argument(help: "The rows to measure; all of them when none is named.")
    var rows: [String] = []

    @Option(help: "The host. By default `parley` beside this program.")
    var parley: String?

    @Option(help: "The C program of the least work. By default `parley-floor` beside this program.")
    var floor: String?

    @Option(help: "The empty Swift program. By default `parley-bare` beside this program.")
    var bare: String?

    @Option(help: "Requests in a run, in place of each row's own number.")
    var count: Int?

    @Option(help: "Seconds that the slower side of a run should take; a short trial finds the number of requests.")
    var seconds: Double?

    @Option(help: "Interleaved pairs of runs for a row, in place of each row's own number.")
    var pairs: Int?

    @Option(help: "What the pipes hold, in KiB. The kernel's own choice is 64.")
    var pipe = 1024

    @Flag(help: "Print the figures as JSON in place of the table.")
    var json = false

    @Flag(help: "Exit 1 when a row misses what it must reach.")
    var strict = false

    mutating func validate() throws {
        for name in rows where !Row.all.contains(where: { $0.name == name }) {
            let known = Row.all.map(\.name).joined(separator: ", ")
            throw ValidationError("There is no row `\(name)`. There are: \(known).")
        }
        if let count, !(1...Session.mostRequests).contains(count) {
            throw ValidationError("--count must be between 1 and \(Session.mostRequests).")
        }
        if let seconds, !(0.01...600).contains(seconds) {
            throw ValidationError("--seconds must be between 0.01 and 600.")
        }
        if let pairs, !(1...1000).contains(pairs) { throw ValidationError("--pairs must be between 1 and 1000.") }
        if !(4...1024 * 1024).contains(pipe) { throw ValidationError("--pipe must be between 4 and 1048576.") }
        if count != nil && seconds != nil { throw ValidationError("--count and --seconds exclude each other.") }
    }

    func run() throws {
        Patience.startTicking()
        signal(SIGPIPE, SIG_IGN)
        let paths = try Paths(parley: parley, floor: floor, bare: bare, pipeKibibytes: pipe)
        let session = Session(paths: paths, count: count, seconds: seconds, pairs: pairs)
        let chosen = Row.all.filter { rows.isEmpty || rows.contains($0.name) }

        Progress.say("stores in \(Scratch.parent), which is \(Scratch.fileSystem)")
        let outcomes = chosen.map { session.measure($0) }
        Output.write(json ? Table.json(outcomes) : Table.text(outcomes))

        if outcomes.contains(where: { $0.verdict == .failed }) { throw ExitCode(1) }
        if strict && outcomes.contains(where: { $0.verdict == .missed }) { throw ExitCode(1) }
    }
}
