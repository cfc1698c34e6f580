import CJanssonBudget

/// Bounds the memory that one parse may take: `{}` repeated over 60 MiB would be gigabytes of tree.
///
/// libjansson asks for memory through hooks of ours. They count what the parsing thread holds and say no past the
/// limit; libjansson then frees the half-built tree and reports a failure.
enum ParseBudget {
    /// A text of up to this many bytes can't make a tree of 64 MiB: the densest one, empty objects, takes less than
    /// 200 bytes for each byte of text.
    private static let harmlessBytes = 256 << 10

    /// Runs `parse` for a text of `count` bytes. The flag tells whether memory was what stopped it.
    static func spending<Result>(for count: Int, _ parse: () -> Result) -> (result: Result, exceeded: Bool) {
        _ = installed
        if count <= harmlessBytes { return (parse(), false) }
        jansson_budget_begin(max(64 << 20, 8 * count))
        let result = parse()
        return (result, jansson_budget_end())
    }

    private static let installed: Void = jansson_budget_install()
}
