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

              parley transcript record <requests.jsonl >greeting.transcript
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
        if changed > 0 { printBytes("\(changed) of \(all) \(update ? "rewritten" : "not as written")\n".utf8) }
        if changed + faulty > 0 { throw ExitCode(1) }
        printBytes("\(all) as written\n".utf8)
    }

    /// What there is to say about a transcript; nil where it is as written.
    private func check(_ file: String) throws(CommandFailure) -> [UInt8]? {
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try readFile(file) } catch { throw CommandFailure("\(file): \(error)") }
        let (written, received) = try play(file) { () throws(TranscriptFault) in try Transcript(parsing: bytes) }
        guard let report = DifferenceReport(file: file, written: written, received: received) else { return nil }
        if !update { return report.text(isColored: isatty(1) != 0 && getenv("NO_COLOR") == nil) }
        let descriptor = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC)
        if descriptor < 0 { throw CommandFailure("\(file): \(String(cString: strerror(errno)))") }
        printBytes(received.bytes, to: descriptor)
        close(descriptor)
        return Array("\(file): rewritten\n".utf8)
    }
}

struct RecordTranscript: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Make a transcript of requests from stdin, one a line.",
        discussion: "Lines that begin with `#` pass into the transcript as comments or directives.")

    @Option(help: "The config that the transcript names; its path counts from the transcript's folder.")
    var config: String?

    @Option(help: "The folder of a store that the transcript begins with.")
    var store: String?

    func run() throws {
        try reporting { () throws(CommandFailure) in
            let requests = try readInput()
            let scene = Transcript.Scene(config: config, store: store)
            let (_, recorded) = try play("stdin") { () throws(TranscriptFault) in
                try Transcript(requests: requests, scene: scene)
            }
            printBytes(recorded.bytes)
        }
    }
}

/// Plays a transcript in the folder of its file.
private func play(
    _ file: String, _ make: () throws(TranscriptFault) -> Transcript
) throws(CommandFailure) -> (written: Transcript, received: Transcript) {
    let before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer {
        fchdir(before)
        close(before)
    }
    if let slash = file.lastIndex(of: "/") { chdir(String(file[...slash])) }
    do throws(TranscriptFault) {
        let written = try make()
        let stage: HostStage
        do throws(CommandFailure) { stage = try HostStage(written.scene) } catch {
            throw TranscriptFault(line: 1, sentence: error.message)
        }
        return (written, try written.played(on: stage))
    } catch {
        throw CommandFailure(error.located(in: file))
    }
}
