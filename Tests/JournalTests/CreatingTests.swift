import Conversations
import Foundation
import Jansson
import Journal
import Testing

@Suite("A conversation's file begins") struct CreatingTests {
    @Test("Until it is published nobody finds it")
    func publishing() throws {
        let store = try TemporaryStore()
        let log = try ConversationLog(creating: "c", in: store.directory)
        #expect(log.isLocked && !log.isPublished)
        log.append(.started(Sample.started()), at: Sample.time())
        try log.write()
        #expect(!store.directory.exists("c"))
        #expect(try store.directory.conversationIDs().isEmpty)
        #expect(throws: StoreError.self) { try store.open() }
        let publication = try #require(log.publication())
        try publication(durably: true)
        log.didPublish()
        #expect(log.isPublished && log.publication() == nil)
        #expect(try store.names() == ["c.jsonl"])
        #expect(try store.directory.conversationIDs() == ["c"])
        #expect(store.directory.size(of: "c") == log.size)
    }

    @Test("What was appended can be read before it is written, and is the same after")
    func reading() throws {
        let store = try TemporaryStore()
        let log = try ConversationLog(creating: "c", in: store.directory)
        #expect(log.append(.started(Sample.started()), at: Sample.time()) == 0)
        #expect(log.append(Sample.user("Hi \"there\""), at: Sample.time(1)) == 1)
        let before = try log.copied()
        #expect(log.hasPending)
        try log.write()
        #expect(!log.hasPending)
        #expect(try log.copied() == before)
    }

    @Test("A taken id is refused")
    func taken() throws {
        let store = try TemporaryStore()
        _ = try store.create()
        #expect {
            try ConversationLog(creating: "c", in: store.directory)
        } throws: { error in
            if case .exists? = error as? StoreError { true } else { false }
        }
    }

    @Test("Of two that are quick, the second is refused, and the first one's file stays as it is")
    func race() throws {
        let store = try TemporaryStore()
        let loser = try ConversationLog(creating: "c", in: store.directory)
        loser.append(.started(Sample.started()), at: Sample.time(77))
        try loser.write()
        try store.put(Sample.file([Sample.user("first")]))
        let publication = try #require(loser.publication())
        #expect {
            try publication(durably: false)
        } throws: { error in
            if case .exists? = error as? StoreError { true } else { false }
        }
        #expect(try store.bytes() == Sample.file([Sample.user("first")]))
    }

    @Test("One that is never published leaves nothing")
    func dropped() throws {
        let store = try TemporaryStore()
        do {
            let log = try ConversationLog(creating: "c", in: store.directory)
            log.append(.started(Sample.started()), at: Sample.time())
            try log.write()
            #expect(try store.names().count == 1)
        }
        #expect(try store.names().isEmpty)
    }

    @Test("Files and folders are their owner's alone")
    func modes() throws {
        let store = try TemporaryStore()
        _ = try store.create()
        func mode(_ path: String) throws -> Int? {
            (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).map(\.intValue)
        }
        #expect(try mode(store.file()) == 0o600)
        for folder in ["conversations", "locks", "trash"] { #expect(try mode("\(store.path)/\(folder)") == 0o700) }
    }

    @Test("What is no conversation in the folder is not listed")
    func listing() throws {
        let store = try TemporaryStore()
        for name in ["a", "b.c", ".hidden", "sp ace"] { try store.put(Sample.file(), as: Text(name)) }
        try Data().write(to: URL(filePath: "\(store.path)/conversations/c.jsonl.torn-12"))
        #expect(try store.directory.conversationIDs().sorted() == ["a", "b.c"])
    }
}
