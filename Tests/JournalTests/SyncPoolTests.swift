import Conversations
import Jansson
import Journal
import Synchronization
import Testing

@Suite("Work beside the executor") struct SyncPoolTests {
    @Test("A new file has its name when its sync is done")
    func publishing() async throws {
        let store = try TemporaryStore()
        let log = try ConversationLog(creating: "c", in: store.directory)
        log.append(.started(Sample.started()), at: Sample.time())
        try log.write()
        let pool = SyncPool()
        let error = await withCheckedContinuation { (done: CheckedContinuation<StoreError?, Never>) in
            pool.sync(log) { done.resume(returning: $0) }
        }
        log.didPublish()
        #expect(error == nil)
        #expect(try store.names() == ["c.jsonl"])
    }

    @Test("Where the name was taken meanwhile, that is what it says")
    func taken() async throws {
        let store = try TemporaryStore()
        let log = try ConversationLog(creating: "c", in: store.directory)
        try store.put(Sample.file())
        let pool = SyncPool()
        let error = await withCheckedContinuation { (done: CheckedContinuation<StoreError?, Never>) in
            pool.sync(log) { done.resume(returning: $0) }
        }
        guard case .exists = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("All work is done, though there are few threads", arguments: [1, 4])
    func all(_ threads: Int) async {
        let pool = SyncPool(threads: threads)
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        for number in 0..<200 { pool.run { continuation.yield(number) } }
        var done: [Int] = []
        for await number in stream {
            done.append(number)
            if done.count == 200 { continuation.finish() }
        }
        #expect(done.sorted() == Array(0..<200))
        if threads == 1 { #expect(done == Array(0..<200), "one thread keeps the order") }
    }
}
