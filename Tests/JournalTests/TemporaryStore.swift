import Conversations
import Foundation
import Jansson
import Journal
import TestSupport
import Testing

/// A store in a folder of its own, which goes when the last who needs it has let go.
final class TemporaryStore: Sendable {
    let path: String
    let directory: StoreDirectory

    init() throws {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/parley-journal-XXXXXX\0".utf8CString)
        let made = template.withUnsafeMutableBufferPointer {
            $0.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        path = try #require(made)
        directory = try StoreDirectory(path: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ id: Text = "c") -> String { "\(path)/conversations/\(id).jsonl" }

    func bytes(_ id: Text = "c") throws -> [UInt8] { try readFile(file(id)) }

    /// Puts a file there as if another process had.
    func put(_ bytes: [UInt8], as id: Text = "c") throws {
        let folder = URL(filePath: "\(path)/conversations")
        // Not atomically: the file must stay the same one.
        try Data(bytes).write(to: folder.appending(path: "\(id).jsonl"))
    }

    /// Adds bytes behind the file's end, as another process's write would.
    func append(_ bytes: [UInt8], to id: Text = "c") throws {
        let handle = try #require(FileHandle(forWritingAtPath: file(id)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/conversations").sorted()
    }

    /// Opens a conversation as one more process would: locks are the opened file's, not the process's.
    func open(_ id: Text = "c") throws -> ConversationLog {
        ConversationLog(id, try ConversationLog.open(id, in: directory), in: directory)
    }

    /// A conversation that began, with these events, written and named.
    func create(_ id: Text = "c", _ events: [Event] = []) throws -> ConversationLog {
        let log = try ConversationLog(creating: id, in: directory)
        log.append(.started(Sample.started(id)), at: Sample.time())
        for event in events { log.append(event, at: Sample.time(Int64(log.lineCount))) }
        try log.write()
        let publication = try #require(log.publication())
        try publication(durably: false)
        log.didPublish()
        log.unlock()
        return log
    }
}

extension ConversationLog {
    /// As the host does it: lock, append, write, unlock.
    func add(_ events: Event...) throws {
        guard case .ready = try lock(mended: { _ in }) else { throw Contended() }
        for event in events { append(event, at: Sample.time(Int64(lineCount))) }
        try write()
        unlock()
    }

    struct Contended: Error {}

    /// The events of these lines as an array.
    func copied(_ lines: Range<Int>? = nil, where isWanted: (EventIndex.Entry) -> Bool = { $0.kind != .damaged }) throws
        -> String
    {
        var writer = JSONWriter()
        writer.beginArray()
        try copy(lines ?? 0..<lineCount, where: isWanted, to: &writer)
        writer.endArray()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// Events with as little said as there can be.
enum Sample {
    static func time(_ offset: Int64 = 0) -> Timestamp { Timestamp(milliseconds: 1_795_338_643_123 + offset) }

    static func started(_ id: Text = "c") -> Started {
        Started(id: id, userId: "ada", agentId: "echo", type: "general")
    }

    static func user(_ content: Text = "Hello", turnId: Text? = nil) -> Event {
        .message(Message(id: "msg_u", role: .user, content: content, turnId: turnId))
    }

    static func assistant(_ content: Text = "Yes.", turnId: Text? = nil) -> Event {
        .message(Message(id: "msg_a", role: .assistant, content: content, turnId: turnId))
    }

    static func turnEnd(_ turnId: Text = "t") -> Event {
        .turnEnded(TurnEnd(turnId: turnId, messageId: "msg_u", outcome: .failed))
    }

    /// An event's line, with its end.
    static func line(_ event: Event, _ seq: Int) -> [UInt8] {
        JSONFragment { $0.event(event, seq: seq, at: time(Int64(seq))) }.bytes + [0x0A]
    }

    /// A file of a beginning and these events.
    static func file(_ events: [Event] = []) -> [UInt8] {
        ([.started(started())] + events).enumerated().flatMap { line($0.element, $0.offset) }
    }

    /// Any event, such as a conversation has in its middle.
    static func any(_ generator: inout Generator) -> Event {
        let turnId: Text? = generator.pick([nil, "t", "v"])
        let content = Text(
            String(repeating: generator.pick(["x", "ü", "\"", "\n", "line\n"]), count: generator.below(40)))
        switch generator.below(8) {
        case 0, 1: return user(content, turnId: turnId)
        case 2, 3: return assistant(content, turnId: turnId)
        case 4: return .message(Message(id: "msg_s", role: .system, content: content))
        case 5: return turnEnd(turnId ?? "t")
        case 6:
            var update = Update()
            update.title = generator.pick([nil, "", "Title"])
            update.tags = generator.pick([nil, [], ["a", "b"]])
            update.archived = generator.pick([nil, true, false])
            update.metadata.set[Text("k\(generator.below(3))")] = JSONFragment { $0.boolean(true) }
            update.context.remove = generator.pick([[], ["k"]])
            return .updated(update)
        default: return generator.below(2) == 0 ? .ended(reason: "done") : .reopened
        }
    }
}

extension LogContents {
    /// All that is known, as text that can be compared.
    var described: String {
        let lines = (0..<index.count).map {
            "\(index.offset($0)) \(index.seq($0)) \(index[$0].kind)\(index[$0].isSuperseded ? " superseded" : "")"
        }
        guard let conversation else { return "none \(lines)" }
        let parts: [Any?] = [
            conversation.seq, conversation.messageCount, conversation.title, conversation.tags, conversation.archived,
            conversation.isEnded,
            conversation.updatedTime.text, conversation.openTurn?.turnId, conversation.openTurn?.messageId,
            conversation.wantsFirstLine,
            JSONFragment { $0.object(conversation.metadata) }.bytes,
            JSONFragment { $0.object(conversation.context) }.bytes, size, damage, lines,
        ]
        return parts.map { $0.map { "\($0)" } ?? "-" }.joined(separator: "|")
    }
}
