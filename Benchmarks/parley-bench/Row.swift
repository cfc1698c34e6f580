/// One line of the table: what is measured, beside what, and what it must reach. A new row is one entry in `all`.
struct Row {
    /// How a row is named on the command line and in the table.
    let name: String
    /// For the help.
    let summary: String
    /// What the host was started with, as the table shows it.
    let durability: Durability
    let unit: Unit
    let bound: Bound
    /// Requests in one run (for `start`, `memory` and `plugin-…`, whose runs are always the same, it means nothing).
    let requests: Int
    /// Pairs of runs. Many short ones say more than a few long ones: a shared machine's speed wanders by a half within
    /// seconds, and only neighbours in time can be compared.
    var pairs = 31
    /// Makes the two sides for a number of requests; done once, so that all runs send the same prebuilt bytes.
    let sides: (Paths, Int) -> Sides
}

/// The two things that take turns. A reference is left out where the bound is a plain number.
struct Sides {
    let parley: () throws -> Double
    var reference: (() throws -> Double)?
}

/// What the journal does before a message is acknowledged, as both programs' option says it.
enum Durability: String {
    case os, fsync
}

extension Row {
    static var all: [Row] {
        [
            Row(
                name: "start", summary: "spawn to the first answer; beside an empty Swift program",
                durability: .os, unit: .milliseconds, bound: .ratioAtMost(2), requests: 1, pairs: 40
            ) { paths, _ in
                Sides(
                    parley: { try Start.time(paths.parley(.os), sending: .pings(1)) },
                    reference: { try Start.time(paths.bareProgram, sending: nil) })
            },
            Row(
                name: "ping", summary: "ping, pipelined; beside the floor's appends",
                durability: .os, unit: .perSecond, bound: .ratioAtLeast(1.5), requests: 30_000
            ) { paths, requests in
                .rates(paths.parley(.os), .pings(requests), beside: paths.floor(.os), .appends(requests))
            },
            Row(
                name: "round-trip", summary: "ping, one at a time, median; beside a C echo",
                durability: .os, unit: .microseconds, bound: .ratioAtMost(2), requests: 5_000, pairs: 11
            ) { paths, requests in
                let work = Work.pings(requests)
                return Sides(
                    parley: { try RoundTrip.typical(paths.parley(.os), work) },
                    reference: { try RoundTrip.typical(paths.floorEcho, work) })
            },
            Row(
                name: "append", summary: "messages into one conversation, pipelined",
                durability: .os, unit: .perSecond, bound: .ratioAtLeast(1.2), requests: 15_000
            ) { paths, requests in
                let work = Work.appends(requests)
                return .rates(paths.parley(.os), work, beside: paths.floor(.os), work)
            },
            Row(
                name: "append-fsync", summary: "the same on the disk, 256 in flight",
                durability: .fsync, unit: .perSecond, bound: .ratioAtLeast(1.1), requests: 15_000
            ) { paths, requests in
                let work = Work.appends(requests, window: 256)
                return .rates(paths.parley(.fsync), work, beside: paths.floor(.fsync), work)
            },
            Row(
                name: "append-fsync-64", summary: "the same into 64 conversations: the disk decides",
                durability: .fsync, unit: .perSecond, bound: .none, requests: 5_000, pairs: 9
            ) { paths, requests in
                let work = Work.appends(requests, conversations: 64, window: 256)
                return .rates(paths.parley(.fsync), work, beside: paths.floor(.fsync), work)
            },
            Row(
                name: "turn", summary: "turns with the echo agent in 100 conversations; beside the floor's appends",
                durability: .os, unit: .perSecond, bound: .ratioAtLeast(0.5), requests: 15_000
            ) { paths, requests in
                .rates(
                    paths.parley(.os), .turns(requests, conversations: 100),
                    beside: paths.floor(.os), .appends(requests))
            },
            Row(
                name: "long-turn", summary: "turns that are told the context, after 100,000 messages; beside after ten",
                durability: .os, unit: .perSecond, bound: .ratioAtLeast(0.9), requests: 4_000, pairs: 9
            ) { paths, requests in
                .rates(
                    paths.parleyWithToldAgent, .turns(requests, after: 100_000),
                    beside: paths.parleyWithToldAgent, .turns(requests, after: 10))
            },
            Row(
                name: "history", summary: "the newest 50 of 1,000 messages, pipelined; beside the floor's appends",
                durability: .os, unit: .perSecond, bound: .ratioAtLeast(1), requests: 15_000
            ) { paths, requests in
                .rates(paths.parley(.os), .histories(requests), beside: paths.floor(.os), .appends(requests))
            },
            Row(
                name: "plugin-turns", summary: "1,000 turns at once with a plugin that takes 100 ms, all of them",
                durability: .os, unit: .milliseconds, bound: .below(200), requests: 1, pairs: 7
            ) { paths, _ in
                let work = Work.turnsAtOnce(1000)
                return Sides(parley: { try Run(paths.parleyWithPlugin(.os), work).milliseconds })
            },
            Row(
                name: "plugin-turns-fsync", summary: "the same on the disk",
                durability: .fsync, unit: .milliseconds, bound: .below(400), requests: 1, pairs: 5
            ) { paths, _ in
                let work = Work.turnsAtOnce(1000)
                return Sides(parley: { try Run(paths.parleyWithPlugin(.fsync), work).milliseconds })
            },
            Row(
                name: "plugin-memory", summary: "the peak of the host's resident memory in the same",
                durability: .os, unit: .mebibytes, bound: .below(64), requests: 1, pairs: 3
            ) { paths, _ in
                let work = Work.turnsAtOnce(1000)
                return Sides(parley: { try Run(paths.parleyWithPlugin(.os), work).peakMemory })
            },
            Row(
                name: "memory", summary: "resident memory after the first answers",
                durability: .os, unit: .mebibytes, bound: .below(12), requests: 1, pairs: 5
            ) { paths, _ in
                Sides(parley: { try IdleMemory.resident(paths.parley(.os)) })
            },
        ]
    }
}

extension Sides {
    fileprivate static func rates(_ host: Program, _ work: Work, beside other: Program, _ least: Work) -> Sides {
        Sides(parley: { try Run(host, work).rate }, reference: { try Run(other, least).rate })
    }
}
