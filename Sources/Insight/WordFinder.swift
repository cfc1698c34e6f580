/// Which of many words occur in a text, found in one pass: the automaton of A. V. Aho and M. J. Corasick (Efficient
/// string matching, 1975) with all of its transitions worked out.
///
/// A word occurs wherever its letters stand in a row, in whatever case, within another word too.
struct WordFinder: Sendable {
    /// What each byte is to the automaton: 0 for those that are in no word. Both cases of an ASCII letter are the same.
    private var classes = [UInt8](repeating: 0, count: 256)
    private var classCount = 1
    /// From each state, and for each class, to which.
    private var next: [UInt16] = []
    /// States from here on are ends of words.
    private var firstEnd = 0
    /// The words that end at those states, one state's behind the other's, and where each state's begin.
    private var ends: [Int] = []
    private var endStarts: [Int] = [0]

    /// How many bytes all words together may have when they are folded, which makes them three times as long at most, so
    /// that a state fits into 16 bits.
    static let maximumBytes = 60_000

    /// - Parameter words: together at most `maximumBytes` when folded; what is beyond is never found.
    init(_ words: [[UInt8]]) {
        var rest = Self.maximumBytes
        let folded = words.map { word in
            let bytes = CaseFolding.folded(word)
            rest -= bytes.count
            return rest >= 0 ? bytes : []
        }
        numberClasses(folded)
        var trie = Trie()
        for (index, word) in folded.enumerated() where !word.isEmpty { trie.insert(word, index) }
        adopt(trie)
    }

    /// The words that occur in `text`, which is UTF-8 and may hold U+0000.
    func words(in text: [UInt8]) -> WordSet {
        var found = WordSet()
        if scan(text, &found) < 0x80 { return found }
        // Only letters of ASCII fold byte by byte.
        found = WordSet()
        _ = scan(CaseFolding.folded(text), &found)
        return found
    }

    /// Answers with the bits that any of the bytes has. Each byte of each message comes through here.
    private func scan(_ text: [UInt8], _ found: inout WordSet) -> UInt8 {
        var seen: UInt8 = 0
        let (classCount, firstEnd) = (classCount, firstEnd)
        classes.withUnsafeBufferPointer { classes in
            next.withUnsafeBufferPointer { next in
                text.withUnsafeBufferPointer { text in
                    var state = 0
                    var place = 0
                    while place < text.count {
                        let byte = text[place]
                        place &+= 1
                        seen |= byte
                        state = Int(next[state &* classCount &+ Int(classes[Int(byte)])])
                        if state >= firstEnd { note(state &- firstEnd, &found) }
                    }
                }
            }
        }
        return seen
    }

    @inline(never)
    private func note(_ end: Int, _ found: inout WordSet) {
        for place in endStarts[end]..<endStarts[end + 1] { found.insert(ends[place]) }
    }

    // MARK: Building

    /// Words as a tree: states are numbered in the order in which they were made, the root is 0.
    private struct Trie {
        var children: [[UInt8: Int]] = [[:]]
        var words: [[Int]] = [[]]

        mutating func insert(_ word: [UInt8], _ index: Int) {
            var state = 0
            for byte in word {
                if let child = children[state][byte] {
                    state = child
                } else {
                    children.append([:])
                    words.append([])
                    children[state][byte] = children.count - 1
                    state = children.count - 1
                }
            }
            words[state].append(index)
        }
    }

    private mutating func numberClasses(_ words: [[UInt8]]) {
        for byte in Set(words.joined()).sorted() {
            classes[Int(byte)] = UInt8(truncatingIfNeeded: classCount)
            classCount += 1
        }
        for upper in 0x41...0x5A { classes[upper] = classes[upper + 0x20] }
    }

    private mutating func adopt(_ trie: Trie) {
        var trie = trie
        let count = trie.children.count
        var transitions = [Int](repeating: 0, count: count * classCount)
        // Breadth first, so that where a state falls back to, which is nearer to the root, is complete already.
        var fallback = [Int](repeating: 0, count: count)
        var queue = [0]
        var position = 0
        while position < queue.count {
            let state = queue[position]
            position += 1
            let row = state * classCount
            let fallbackRow = fallback[state] * classCount
            if state != 0 {
                for place in 0..<classCount { transitions[row + place] = transitions[fallbackRow + place] }
            }
            for (byte, child) in trie.children[state] {
                let place = Int(classes[Int(byte)])
                fallback[child] = state == 0 ? 0 : transitions[fallbackRow + place]
                transitions[row + place] = child
                queue.append(child)
            }
            if state != 0 { trie.words[state] += trie.words[fallback[state]] }
        }
        // Ends of words get the highest numbers.
        let order = (0..<count).filter { trie.words[$0].isEmpty } + (0..<count).filter { !trie.words[$0].isEmpty }
        var numbers = [UInt16](repeating: 0, count: count)
        for (number, state) in order.enumerated() { numbers[state] = UInt16(truncatingIfNeeded: number) }
        next = order.flatMap { state in (0..<classCount).map { numbers[transitions[state * classCount + $0]] } }
        for state in order where !trie.words[state].isEmpty {
            ends += trie.words[state]
            endStarts.append(ends.count)
        }
        firstEnd = count - endStarts.count + 1
    }
}

/// Words by their places in the list that a finder was made of.
struct WordSet: Equatable, Sendable {
    private var bits: [UInt64] = []

    mutating func insert(_ word: Int) {
        if contains(word) { return }
        while bits.count <= word / 64 { bits.append(0) }
        bits[word / 64] |= 1 << UInt64(word % 64)
    }

    func contains(_ word: Int) -> Bool {
        word / 64 < bits.count && bits[word / 64] & 1 << UInt64(word % 64) != 0
    }

    var isEmpty: Bool { bits.isEmpty }

    /// How many of these there are.
    func count(in words: Range<Int>) -> Int {
        var count = 0
        for place in places(of: words) { count += (bits[place] & mask(of: words, at: place)).nonzeroBitCount }
        return count
    }

    func hasAny(of words: Range<Int>) -> Bool {
        for place in places(of: words) where bits[place] & mask(of: words, at: place) != 0 { return true }
        return false
    }

    private func places(of words: Range<Int>) -> Range<Int> {
        let start = words.lowerBound / 64
        return start..<max(start, min(bits.count, (words.upperBound + 63) / 64))
    }

    private func mask(of words: Range<Int>, at place: Int) -> UInt64 {
        let first = max(0, words.lowerBound - place * 64)
        let end = min(64, words.upperBound - place * 64)
        return end <= first ? 0 : (~0 << UInt64(first)) & (~0 >> UInt64(64 - end))
    }
}
