// Serving is tried first, without the option parser: see ServeOptions.init(quickly:).
if let options = ServeOptions(quickly: CommandLine.arguments.dropFirst()) {
    options.runAsCommand()
} else {
    Parley.main()
}
