import ArgumentParser
import ParleyHost

/// `parley schema`: the contract's documents, as this binary was built with them.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Print a schema: openrpc (the methods), event (a file's lines), plugin (what plugins are asked), config, script, "
            + "words or profiles; or built-in-words, the words that are looked for without a list of one's own.")

    @Argument(help: "openrpc, event, config, script, words, profiles, plugin or built-in-words.")
    var document: SchemaDocument = .openRPC

    func run() { printBytes(document.text) }
}

extension SchemaDocument: ExpressibleByArgument {}
