import ArgumentParser
import JSONRPC
import Jansson
import Journal
import ParleyHost

/// `parley trash`: what was deleted.
struct Trash: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See what was deleted, or have it gone for good.",
        discussion: "`parley call conversation/restore conversationId=ID` takes a conversation back.",
        subcommands: [List.self, Empty.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what is in the trash, the oldest first.")

        @OptionGroup var storeOptions: StoreOptions

        @Flag(help: "Print [{conversationId, deleted, bytes}] as JSON.")
        var json = false

        func run() throws {
            try reporting { () throws(CommandFailure) in
                let trashed = try storeOptions.place.inStore { (store) throws(StoreError) in try store.trashed() }
                if json {
                    printBytes(JSONFragment { $0.trash(trashed) }.bytes + [0x0A])
                } else if trashed.isEmpty {
                    printBytes("the trash is empty\n".utf8)
                } else {
                    var table = Table(["deleted", "bytes", "conversation"])
                    for entry in trashed { table.add(["\(entry.time.text)", String(entry.bytes), "\(entry.id)"]) }
                    printBytes((table.text + "\n").utf8)
                }
            }
        }
    }

    struct Empty: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete what is in the trash for good.")

        @OptionGroup var storeOptions: StoreOptions

        func run() throws {
            try reporting { () throws(CommandFailure) in
                let count = try storeOptions.place.inStore { (store) throws(StoreError) -> Int in
                    let trashed = try store.trashed()
                    for entry in trashed { try store.purge(entry) }
                    return trashed.count
                }
                let sentence =
                    count == 0
                    ? "the trash is empty" : "\(count) conversation\(count == 1 ? " is" : "s are") gone for good"
                printBytes("\(sentence)\n".utf8)
            }
        }
    }
}

extension StorePlace {
    fileprivate func inStore<Result>(_ work: (StoreDirectory) throws(StoreError) -> Result) throws(CommandFailure)
        -> Result
    {
        try expectStore()
        let store = try openStore()
        do throws(StoreError) {
            return try work(store)
        } catch {
            throw CommandFailure("storeFailed: \(RPCError(listing: error).message)")
        }
    }
}

extension JSONWriter {
    fileprivate mutating func trash(_ trashed: [TrashedConversation]) {
        beginArray()
        for entry in trashed {
            beginObject()
            key("conversationId")
            string(entry.id)
            key("deleted")
            string(entry.time.text)
            key("bytes")
            integer(entry.bytes)
            endObject()
        }
        endArray()
    }
}
