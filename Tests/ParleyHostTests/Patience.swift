import ParleyHost

/// How long a test waits for what never comes before it fails.
enum Patience {
    static func deadline() -> Int64 { SystemClock().monotonic() + 10_000_000_000 }
}
