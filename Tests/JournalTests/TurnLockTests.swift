import Conversations
import Foundation
import Jansson
import Journal
import Testing

@Suite("One turn at a time, whatever the process") struct TurnLockTests {
    private let owner = TurnLock.Owner(pid: 4711, turnId: "turn_\"1\"", since: Sample.time())

    @Test("One has it, the other waits until it is let go")
    func exclusive() throws {
        let store = try TemporaryStore()
        let (one, other) = (try TurnLock("c", in: store.directory), try TurnLock("c", in: store.directory))
        #expect(one.take() && one.isHeld)
        #expect(one.take(), "taking it again is nothing")
        #expect(!other.take() && !other.isHeld)
        one.release()
        #expect(!one.isHeld && other.take() && !one.take())
    }

    @Test("Locks of two conversations are two locks")
    func two() throws {
        let store = try TemporaryStore()
        let (one, other) = (try TurnLock("c", in: store.directory), try TurnLock("d", in: store.directory))
        #expect(one.take() && other.take())
    }

    @Test("It is free when its holder is gone")
    func dropped() throws {
        let store = try TemporaryStore()
        let other = try TurnLock("c", in: store.directory)
        do {
            let one = try TurnLock("c", in: store.directory)
            #expect(one.take() && !other.take())
        }
        #expect(other.take())
    }

    @Test("Others can read who has it, as long as it is held")
    func naming() throws {
        let store = try TemporaryStore()
        let (one, other) = (try TurnLock("c", in: store.directory), try TurnLock("c", in: store.directory))
        #expect(other.owner == nil)
        #expect(one.take())
        one.name(TurnLock.Owner(pid: 1, turnId: Text(String(repeating: "t", count: 200)), since: Sample.time(5)))
        one.name(owner)
        #expect(other.owner?.pid == 4711 && other.owner?.turnId == "turn_\"1\"" && other.owner?.since == Sample.time())
        one.release()
        #expect(other.owner == nil)
    }

    @Test(
        "What its file holds by accident names nobody",
        arguments: ["", "garbage", "{}", #"{"pid":1}"#, #"{"pid":"1","turnId":"t","since":"x"}"#])
    func garbage(_ text: String) throws {
        let store = try TemporaryStore()
        try text.write(toFile: "\(store.path)/locks/c.lock", atomically: false, encoding: .utf8)
        let lock = try TurnLock("c", in: store.directory)
        #expect(lock.owner == nil && lock.take())
    }
}
