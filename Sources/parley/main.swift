import Glibc

// Serving is tried first, without the option parser: see ServeOptions.init(quickly:).
if let options = ServeOptions(quickly: CommandLine.arguments.dropFirst()) {
    options.runAsCommand()
} else if let word = CommandLine.arguments.dropFirst().first, let complaint = Parley.complaint(about: word) {
    printBytes((complaint + "\n").utf8, to: 2)
    exit(64)
} else {
    Parley.main()
}
