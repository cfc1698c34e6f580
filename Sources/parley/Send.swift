import ArgumentParser
import Glibc
import JSONRPC
import Jansson
import ParleyHost

/// `parley send`: a message to an agent, the reply alone on stdout.
struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send a message and print the reply.",
        discussion: """
            Without an ID or -c the message begins a new conversation. An ID may be cut to an end of it that no other \
            has, or be `last`.

              parley send 'What is a monad?'
              parley send -c 'Shorter, please.'
              git diff | parley send --agent reviewer -
              parley send last 'What about this?' -f notes.txt
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Flag(name: [.customShort("c"), .long], help: "Go on with the last conversation.")
    var `continue` = false

    @Flag(help: "Begin a new conversation (what happens without ID or -c).")
    var new = false

    @Option(name: [.short, .long], help: "Add a file's contents to the message.")
    var file: String?

    @Option(help: "The agent, for a new conversation.")
    var agent: String?

    @Flag(help: "Print {conversationId, message, reply, turnId, seq} as JSON.")
    var json = false

    @Argument(help: "[ID] [TEXT], where TEXT may be - for stdin.")
    var words: [String] = []

    func validate() throws {
        if `continue` && new { throw ValidationError("-c and --new exclude each other.") }
        if `continue` && agent != nil { throw ValidationError("--agent is for a new conversation.") }
        let most = `continue` || new ? 1 : 2
        if words.count > most {
            throw ValidationError("Too many words: put the message in quotes (`parley send 'a few words'`).")
        }
    }

    func run() throws {
        try reporting { () throws(CommandFailure) in try send() }
    }

    private func send() throws(CommandFailure) {
        // One word is the message, unless the message comes from a file: then it is the conversation.
        let namesConversation = !new && !`continue` && (words.count == 2 || (words.count == 1 && file != nil))
        let text = namesConversation ? words.dropFirst().first : words.first
        let content = try content(text)
        try LocalClient.serving(storeOptions.place) { client throws(CommandFailure) in
            try send(content, client, names: namesConversation)
        }
    }

    private func send(_ content: Text, _ client: LocalClient, names namesConversation: Bool) throws(CommandFailure) {
        let id: Text
        if namesConversation {
            id = try client.conversation(words[0])
        } else if `continue` {
            id = try client.conversation("last")
        } else {
            id = try start(client)
        }
        // People see the reply grow; programs get it whole, or not at all.
        let streams = !json && isatty(1) != 0
        var isWhole = false
        var shown: [UInt8] = []
        // Where it breaks off, what is said then begins a line.
        defer { if streams, !shown.isEmpty, !isWhole { printBytes([0x0A]) } }
        let result = try client.request(
            "conversation/send",
            JSONFragment {
                $0.beginObject()
                $0.key("conversationId")
                $0.string(id)
                $0.key("content")
                $0.string(content)
                $0.key("stream")
                $0.boolean(streams)
                $0.endObject()
            },
            notified: { method, params in
                guard method == "turn/delta", params["kind"]?.text == "text", let piece = params["text"]?.text else {
                    return
                }
                printBytes(piece.utf8)
                shown += piece.utf8
            })
        isWhole = true
        let reply = result["reply"]?["content"]?.text?.utf8 ?? []
        if streams, shown == reply {
            printBytes([0x0A])
        } else if streams, !shown.isEmpty {
            // It ended with another reply than it began with.
            printBytes(Array("\n\n".utf8) + reply + [0x0A])
        } else if json {
            var members = Members()
            members["conversationId"] = .string(id)
            members.merge(Members(result))
            printBytes(JSONFragment { $0.object(members) }.bytes + [0x0A])
        } else {
            printBytes(reply + [0x0A])
        }
    }

    /// The message: the words, then the file.
    private func content(_ text: String?) throws(CommandFailure) -> Text {
        var parts: [[UInt8]] = []
        if let text { parts.append(text == "-" ? try readInput() : Array(text.utf8)) }
        if let file {
            do throws(FileFault) {
                parts.append(try readFile(file))
            } catch {
                throw CommandFailure("invalidParams: \(file): \(error)")
            }
        }
        if parts.isEmpty { throw CommandFailure("invalidParams: there is nothing to send: give TEXT, - or -f") }
        return Text(utf8: Array(parts.joined(separator: Array("\n\n".utf8))))
    }

    private func start(_ client: LocalClient) throws(CommandFailure) -> Text {
        var params = Members()
        if let agent { params["agentId"] = .string(agent) }
        let result = try client.request("conversation/start", JSONFragment { $0.object(params) })
        return result["conversation"]?["id"]?.text ?? ""
    }
}

extension LocalClient {
    /// The conversation that a person means: `last`, an id, or an end of one that no other has.
    func conversation(_ wanted: String) throws(CommandFailure) -> Text {
        if wanted == "last" {
            let list = try request("conversation/list", JSONFragment { $0.object(Members.list(limit: 1, cursor: nil)) })
            if let id = list["conversations"]?.elements.first?["id"]?.text { return id }
            throw CommandFailure(
                "conversationNotFound: there is no conversation yet: begin one with `parley send 'Hello'`")
        }
        var found: [Text] = []
        var cursor: Text?
        repeat {
            let list = try request(
                "conversation/list", JSONFragment { $0.object(Members.list(limit: 1000, cursor: cursor)) })
            for id in list["conversations"]?.elements.compactMap({ $0["id"]?.text }) ?? [] {
                if id == Text(wanted) { return id }
                if id.utf8.suffix(wanted.utf8.count).elementsEqual(wanted.utf8) { found.append(id) }
            }
            cursor = list["nextCursor"]?.text
        } while cursor != nil
        if found.count == 1 { return found[0] }
        // It may be archived, or of another kind that lists leave out.
        if found.isEmpty { return Text(wanted) }
        throw CommandFailure(
            "conversationNotFound: `\(wanted)` could be any of \(found.count) conversations: give more of it")
    }
}

extension Members {
    fileprivate static func list(limit: Int, cursor: Text?) -> Members {
        var members = Members()
        members["sort"] = .string("updatedTime")
        members["limit"] = .integer(limit)
        members["cursor"] = cursor.map { .string($0) }
        return members
    }
}
