import JSONRPC
import Threads

/// Lines to the host, and waiting where it doesn't read them.
final class Output: Sendable {
    private struct Room {
        var isFull = false
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiting = 0

        /// Those who can go on.
        mutating func open() -> [CheckedContinuation<Void, Never>] {
            defer { waiting = [:] }
            isFull = false
            return Array(waiting.values)
        }
    }

    private let lines: LineOutput
    private let room: Monitor<Room>

    init(descriptor: Int32) {
        let room = Monitor(Room())
        self.room = room
        // A host that reads no more closes our input as well, and that is what ends the process.
        lines = LineOutput(
            descriptor: descriptor, onClose: {},
            onRoom: {
                for one in room.withLock({ $0.open() }) { one.resume() }
            })
    }

    /// Takes whole lines, each with its end. Never blocks.
    func send(_ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        // Under the lock, so that no word of new room overtakes the word that there is none.
        let freed = room.withLock { room in
            if lines.send(bytes) { return room.open() }
            room.isFull = true
            return []
        }
        for one in freed { one.resume() }
    }

    /// Returns at once where there is room for more; else when there is, or the task is cancelled.
    func waitForRoom() async {
        let number = room.withLock { room -> Int? in
            room.lastWaiting += 1
            return room.isFull ? room.lastWaiting : nil
        }
        guard let number else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = room.withLock { room in
                    if !room.isFull || Task.isCancelled { return true }
                    room.waiting[number] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            room.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    /// Blocks until everything was written, or nobody reads any more.
    func drain() { lines.drain() }
}
