import JSONRPC
import Jansson

/// What a line says that begins with `#!`.
enum Directive: Equatable {
    case config(String)
    case store(String)
    case options([String])
    case advance(nanoseconds: Int64)
    case release(Text)
    case settle

    enum Name: String, CaseIterable { case config, store, options, advance, release, settle }

    /// - Parameter text: what stands behind `#!`, without a line end.
    /// - Parameter line: for faults.
    init(parsing text: ArraySlice<UInt8>, line: Int) throws(TranscriptFault) {
        guard let text = String(validating: text, as: UTF8.self) else {
            throw TranscriptFault(line: line, sentence: "This directive is not UTF-8: save the file as that.")
        }
        let parts = text.split(maxSplits: 1, whereSeparator: isSpace)
        guard let word = parts.first else {
            throw TranscriptFault(line: line, sentence: "Behind `#!` a directive is missing: known are \(Self.known).")
        }
        guard let name = Name(rawValue: String(word)) else { throw Self.unknown(word, line) }
        try self.init(name, trimmed(parts.dropFirst().first ?? ""), line)
    }

    private init(_ name: Name, _ argument: String, _ line: Int) throws(TranscriptFault) {
        if (name == .settle) != argument.isEmpty {
            let sentence =
                name == .settle
                ? "`settle` takes nothing, not `\(excerpt(argument.utf8))`: leave that out."
                : "Behind `\(name)` something is missing: write it as in `#! \(name.example)`."
            throw TranscriptFault(line: line, sentence: sentence)
        }
        switch name {
        case .config: self = .config(argument)
        case .store: self = .store(argument)
        case .options: self = .options(argument.split(whereSeparator: isSpace).map(String.init))
        case .advance: self = .advance(nanoseconds: try nanoseconds(in: argument, line))
        case .release: self = .release(Text(argument))
        case .settle: self = .settle
        }
    }

    private static let known = Name.allCases.map { "`\($0)`" }.joined(separator: ", ")

    private static func unknown(_ word: Substring, _ line: Int) -> TranscriptFault {
        let closest = closestName(to: String(word), among: Name.allCases.map(\.rawValue))
        let hint = closest.map { "did you mean `\($0)`?" } ?? "known are \(known)."
        return TranscriptFault(line: line, sentence: "There is no directive `\(excerpt(word.utf8))`: \(hint)")
    }
}

extension Directive.Name {
    fileprivate var example: String {
        switch self {
        case .config: "config parley.json"
        case .store: "store some/folder"
        case .options: "options --durability fsync"
        case .advance: "advance 60s"
        case .release: "release door"
        case .settle: "settle"
        }
    }
}

// MARK: Durations

extension Directive {
    /// A time as `advance` takes it.
    static func duration(_ nanoseconds: Int64) -> String {
        if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
        return nanoseconds % 1_000_000 == 0
            ? "\(nanoseconds / 1_000_000)ms" : "\(Double(nanoseconds) / 1_000_000)ms"
    }
}

private let units = ["ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9]
/// A hundred years: on any clock with nanoseconds in 64 bits there is room for it.
private let longestHours = 876_000

/// A duration such as `60s`, `0.5s`, `250ms`, `5m` or `1h`.
private func nanoseconds(in text: String, _ line: Int) throws(TranscriptFault) -> Int64 {
    let digits = text.prefix { $0 == "." || ("0"..."9").contains($0) }
    guard let number = Double(digits), let unit = units[String(text.dropFirst(digits.count))] else {
        let sentence = "`\(excerpt(text.utf8))` is no duration: write a number and `ms`, `s`, `m` or `h`, as in `1.5s`."
        throw TranscriptFault(line: line, sentence: sentence)
    }
    let nanoseconds = (number * unit).rounded()
    if nanoseconds < 1 {
        throw TranscriptFault(
            line: line, sentence: "`\(excerpt(text.utf8))` is no time at all: advance by more than 0.")
    }
    guard nanoseconds <= Double(longestHours) * 3600e9 else {
        let sentence = "`\(excerpt(text.utf8))` is too long: advance by at most `\(longestHours)h` at once."
        throw TranscriptFault(line: line, sentence: sentence)
    }
    return Int64(nanoseconds)
}

// MARK: Words

private func isSpace(_ character: Character) -> Bool {
    character == " " || character == "\t" || character == "\r"
}

private func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: isSpace)
    while let last = text.last, isSpace(last) { text.removeLast() }
    return String(text)
}
