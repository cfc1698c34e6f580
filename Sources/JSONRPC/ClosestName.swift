/// The known name that a misspelt one is most likely meant to be; nil where none is near.
package func closestName(to name: String, among known: some Sequence<String>) -> String? {
    let ranked = known.map { (name: $0, distance: editDistance(Array(name.utf8.prefix(64)), Array($0.utf8))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, min(4, best.name.utf8.count / 3)) ? best.name : nil
}

/// How many bytes must be put in, taken out or replaced (Levenshtein), letters of either case being the same.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in right.enumerated() {
            let replaced = diagonal + (a | 0x20 == b | 0x20 ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[right.count]
}
