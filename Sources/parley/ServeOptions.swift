import ParleyHost

/// What `parley` and `parley serve` are told.
struct ServeOptions: Equatable {
    var store: String?
    var config: String?
    var durability = HostOptions.Durability.fsync
    var drainSeconds: Double?
    var isDeterministic = false
    /// Whether requests wait for those before them; nil where nothing was said.
    var isInOrder: Bool?
    var logLevel = LogLevel.warning
    /// Whether `serve` was said, so that requests may be typed in a terminal.
    var isExplicit = false

    /// Seconds that `--drain-seconds` may name.
    static let drainTimes = 0.0...1e9

    init() {}

    /// Reads a command line that serves and is plain: `[serve] [--flag | --name value | --name=value]…`; nil for every other,
    /// which is the option parser's to carry out, explain or refuse. A transcript's options are such a line too.
    ///
    /// Editors start a host for each window and wait for it. The option parser finds its options by reflection, which
    /// takes longer than everything else between start and first answer. A test holds the two against each other.
    init?(quickly arguments: some Sequence<String>) {
        var words = ArraySlice(Array(arguments))
        if words.first == "serve" {
            isExplicit = true
            words.removeFirst()
        }
        while let word = words.popFirst() {
            if takeFlag(word) { continue }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let value = parts.count == 2 ? parts[1] : words.popFirst(), !value.hasPrefix("-"), !value.isEmpty
            else { return nil }
            switch parts[0] {
            case "--store": store = value
            case "--config": config = value
            case "--durability":
                guard let known = HostOptions.Durability(rawValue: value) else { return nil }
                durability = known
            case "--drain-seconds":
                guard let seconds = Double(value), Self.drainTimes.contains(seconds) else { return nil }
                drainSeconds = seconds
            case "--log-level":
                guard let level = LogLevel(rawValue: value) else { return nil }
                logLevel = level
            default: return nil
            }
        }
    }

    private mutating func takeFlag(_ word: String) -> Bool {
        switch word {
        case "--deterministic": isDeterministic = true
        case "--in-order": isInOrder = true
        case "--no-in-order": isInOrder = false
        default: return false
        }
        return true
    }
}

/// How much of the log goes to stderr.
enum LogLevel: String, CaseIterable {
    case error, warning, info, debug
}
