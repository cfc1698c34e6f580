import ArgumentParser
import JSONRPC
import Jansson
import Journal
import ParleyHost

/// `parley verify`: looks for damage, and repairs what a person says is to be repaired.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for damage in the store's files, or repair one.",
        discussion: """
            Every line of every file is read. The exit status is 1 where anything is wrong. A repaired file keeps every \
            good event; the original stays beside it.

              parley verify
              parley verify --repair conv_1
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: ArgumentHelp("Repair this conversation's file.", valueName: "ID"))
    var repair: String?

    @Flag(help: "Print what `store/verify` answers, as JSON.")
    var json = false

    func run() throws {
        try reporting { () throws(CommandFailure) in
            if let repair {
                try mend(Text(repair))
            } else {
                try look()
            }
        }
    }

    private func look() throws(CommandFailure) {
        try storeOptions.place.expectStore()
        let bar = ProgressBar("verifying")
        let found = try LocalClient.serving(storeOptions.place) { client throws(CommandFailure) in
            try client.request("store/verify", .emptyObject) { bar.show($0, of: $1) }
        }
        bar.clear()
        if json {
            printBytes(JSONFragment(found).bytes + [0x0A])
        } else {
            printBytes(Self.table(found).utf8)
        }
        let isGood = ["damaged", "torn", "unreadable"].allSatisfy { (name: StaticString) in found[name]?.count == 0 }
        if !isGood { throw CommandFailure("conversationDamaged: not all files are as they should be") }
    }

    private static func table(_ found: JSON) -> String {
        var table = Table(["conversation", "line", "byte", "what is wrong"])
        func add(_ list: JSON?, _ remark: String) {
            for entry in list?.elements ?? [] {
                table.add([
                    "\(entry["conversationId"]?.text ?? "")", entry["line"]?.integer.map(String.init) ?? "",
                    entry["offset"]?.integer.map(String.init) ?? "", "\(entry["reason"]?.text ?? "")\(remark)",
                ])
            }
        }
        add(found["damaged"], "")
        add(found["torn"], " (a crash left it; the next message cuts it off)")
        add(found["unreadable"], "")
        var text = table.isEmpty ? "" : table.text + "\n"
        for name in found["leftovers"]?.elements ?? [] {
            text += "\(name.text ?? "") belongs to no conversation\n"
        }
        let (conversations, events) = (found["conversations"]?.integer ?? 0, found["events"]?.integer ?? 0)
        text += "\(conversations) conversation\(conversations == 1 ? "" : "s"), \(events) events"
        if table.isEmpty { return text + ": all good\n" }
        let isDamaged = found["damaged"]?.count != 0
        return text + (isDamaged ? "; `parley verify --repair ID` makes one writable again\n" : "\n")
    }

    private func mend(_ id: Text) throws(CommandFailure) {
        let place = storeOptions.place
        try place.expectStore()
        let owner = try place.defaultOwner()
        let store = try place.openStore()
        do throws(StoreError) {
            guard
                let repair = try Repair.run(
                    id, in: store, owner: Repair.Owner(userId: owner.userId, agentId: owner.agentId),
                    at: SystemClock().now())
            else {
                printBytes("\(id) is as it should be\n".utf8)
                return
            }
            var parts = ["\(Self.count(repair.kept, "event")) kept"]
            if repair.isBegunAnew { parts.append("a new beginning written") }
            if repair.dropped > 0 { parts.append("\(Self.count(repair.dropped, "bad line")) left out") }
            printBytes("\(id): \(parts.joined(separator: ", ")); the original is \(repair.original)\n".utf8)
        } catch {
            let error = RPCError(error, id)
            throw CommandFailure("\(error.kind.rawValue): \(error.message)")
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
