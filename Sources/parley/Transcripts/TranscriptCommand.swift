import ArgumentParser
import Glibc
import Jansson
import Transcripts

/// `parley transcript`: golden files of the protocol.
struct TranscriptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcript",
        abstract: "Play golden transcripts of the protocol, and record them.",
        discussion: """
            A transcript is a text file: what is sent (`--> `), what must be received (`<-- `), comments (`# `) and \
            directives (`#! `: config, store, options, advance, release, settle). Ids, times and delays are the same in \
            every run.

              parley transcript record -o greeting.transcript <requests.jsonl
              parley transcript check *.transcript
              parley transcript check --update *.transcript
            """,
        subcommands: [CheckTranscripts.self, RecordTranscript.self])
}

struct CheckTranscripts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Play transcripts, each on a store of its own, and tell where they differ.",
        discussion: "The exit status is 1 where any differs, also when it is rewritten.")

    @Flag(help: "Rewrite what is received in the files.")
    var update = false

    @Argument(help: "Transcripts. Paths in a transcript count from its own folder.", completion: .file())
    var files: [String]

    func run() throws {
        var (changed, faulty) = (0, 0)
        for file in files {
            do throws(CommandFailure) {
                if let report = try check(file) {
                    changed += 1
                    printBytes(report)
                }
            } catch {
                faulty += 1
                printBytes((error.message + "\n").utf8, to: 2)
            }
        }
        let all = "\(files.count) transcript\(files.count == 1 ? "" : "s")"
        var parts: [String] = []
        if changed > 0 { parts.append("\(changed) of \(all) \(update ? "rewritten" : "not as written")") }
        if faulty > 0 { parts.append("\(faulty) of \(all) not to be taken") }
        printBytes("\(parts.isEmpty ? "\(all) as written" : parts.joined(separator: ", "))\n".utf8)
        if !parts.isEmpty { throw ExitCode(1) }
    }

    /// What there is to say about a transcript; nil where it is as written.
    private func check(_ file: String) throws(CommandFailure) -> [UInt8]? {
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try readFile(file) } catch { throw CommandFailure("\(file): \(error)") }
        let played = try play(file) { () throws(TranscriptFault) in try Transcript(parsing: bytes) }
        let report = DifferenceReport(file: file, written: played.written, received: played.received)
        if !update, let report { return report.text(isColored: isatty(1) != 0 && getenv("NO_COLOR") == nil) }
        if let request = played.received.unanswered.first { throw CommandFailure(request.complaint(in: file)) }
        if report == nil { return nil }
        try write(played.received.bytes, to: file)
        return Array("\(file): rewritten\n".utf8)
    }
}

extension UnansweredRequest {
    fileprivate func complaint(in file: String) -> String {
        "\(file):\(line): the request with the id `\(id)` is never answered: let time pass (`#! advance 5s`), open its "
            + "gate (`#! release door`), or cancel it."
    }
}

struct RecordTranscript: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Make a transcript of requests from stdin, one a line.",
        discussion: """
            Lines that begin with `#` pass into the transcript as comments or directives. Where a request waits for time \
            to pass, that passes, and the transcript says so.
            """)

    @Option(help: "The config to serve with.")
    var config: String?

    @Option(help: "The folder of a store to begin with.")
    var store: String?

    @Option(
        name: [.short, .long],
        help: "Where to write the transcript; paths in it then count from there. Else it goes to stdout.")
    var output: String?

    func run() throws {
        try reporting { () throws(CommandFailure) in
            let requests = try readInput()
            let place = output.map { folder(of: $0) } ?? "."
            let scene = Transcript.Scene(
                config: try config.map { (path) throws(CommandFailure) in try relative(path, to: place) },
                store: try store.map { (path) throws(CommandFailure) in try relative(path, to: place) })
            let (_, recorded) = try play(output ?? "stdin", isRecorded: true) { () throws(TranscriptFault) in
                try Transcript(requests: requests, scene: scene)
            }
            if let output { try write(recorded.bytes, to: output) } else { printBytes(recorded.bytes) }
            for request in recorded.unanswered {
                printBytes((request.complaint(in: output ?? "stdout") + "\n").utf8, to: 2)
            }
        }
    }
}

/// The folder that a file is in.
private func folder(of file: String) -> String {
    file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
}

/// A path as it is from another folder.
private func relative(_ path: String, to folder: String) throws(CommandFailure) -> String {
    guard let target = realpath(path, nil) else { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
    defer { free(target) }
    guard let base = realpath(folder, nil) else {
        throw CommandFailure("\(folder): \(String(cString: strerror(errno)))")
    }
    defer { free(base) }
    let parts = String(cString: target).split(separator: "/")
    let above = String(cString: base).split(separator: "/")
    let shared = zip(parts, above).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: above.count - shared) + parts[shared...].map(String.init)).joined(
        separator: "/")
}

/// Puts a file in the place of what is there, whole or not at all.
private func write(_ bytes: [UInt8], to file: String) throws(CommandFailure) {
    let temporary = "\(file).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw CommandFailure("\(file) can't be written: \(String(cString: strerror(errno)))") }
    printBytes(bytes, to: descriptor)
    let isWritten = fsync(descriptor) == 0
    close(descriptor)
    if isWritten, rename(temporary, file) == 0 { return }
    let failure = CommandFailure("\(file) can't be written: \(String(cString: strerror(errno)))")
    unlink(temporary)
    throw failure
}

/// Plays a transcript in the folder of its file.
private func play(
    _ file: String, isRecorded: Bool = false, _ make: () throws(TranscriptFault) -> Transcript
) throws(CommandFailure) -> (written: Transcript, received: Transcript) {
    let before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer {
        fchdir(before)
        close(before)
    }
    if let slash = file.lastIndex(of: "/") { chdir(String(file[...slash])) }
    do throws(TranscriptFault) {
        let written = try make()
        if written.isEmpty {
            throw TranscriptFault(line: 1, sentence: "Nothing is sent: a line that is sent begins with `--> `.")
        }
        let stage: HostStage
        do throws(CommandFailure) { stage = try HostStage(written.scene) } catch {
            throw TranscriptFault(line: 1, sentence: error.message)
        }
        return (written, isRecorded ? try written.recorded(on: stage) : try written.played(on: stage))
    } catch {
        throw CommandFailure(error.located(in: file))
    }
}
