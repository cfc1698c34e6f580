/// Lines to send, as one piece of bytes made before the clock runs, with ids that count up from the first.
struct Requests {
    let firstID: Int
    /// An answer shorter than this isn't the answer that was asked for.
    let leastAnswer: Int
    /// Neither is one without these bytes; empty where the length says enough.
    let piece: [UInt8]
    private(set) var bytes: [UInt8] = []
    /// Where each line ends in `bytes`, its newline included.
    private var ends: [Int] = []

    init(firstID: Int, leastAnswer: Int = 0, piece: String = "") {
        self.firstID = firstID
        self.leastAnswer = leastAnswer
        self.piece = Array(piece.utf8)
    }

    var count: Int { ends.count }
    var nextID: Int { firstID + count }

    /// The bytes of the first `count` lines.
    func length(ofFirst count: Int) -> Int {
        count == 0 ? 0 : ends[min(count, ends.count) - 1]
    }

    /// The place of one line in `bytes`.
    func range(of index: Int) -> Range<Int> {
        length(ofFirst: index)..<length(ofFirst: index + 1)
    }

    mutating func add(_ method: String, _ params: String) {
        let line = #"{"jsonrpc":"2.0","id":\#(nextID),"method":"\#(method)","params":\#(params)}"# + "\n"
        bytes.append(contentsOf: line.utf8)
        ends.append(bytes.count)
    }
}
