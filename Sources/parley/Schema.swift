import ArgumentParser
import ParleyHost

/// `parley schema`: the contract's documents, as this binary was built with them.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a schema: openrpc (the methods), event (a file's lines), config or script.")

    @Argument(help: "openrpc, event, config or script.")
    var document: SchemaDocument = .openRPC

    func run() { printBytes(document.text) }
}

extension SchemaDocument: ExpressibleByArgument {}
