import Glibc

/// Runs the rows. Machines are noisy and drift while they are measured, so the two sides of a row take turns, and what
/// counts is the median of the ratios of neighbours, not the ratio of two averages.
struct Session {
    static let mostRequests = 2_000_000
    private static let trialRequests = 2_000

    let paths: Paths
    let count: Int?
    let seconds: Double?
    let pairs: Int?

    /// A row that fails says why at once and is shown as failed; the other rows still have their turn.
    func measure(_ row: Row) -> Outcome {
        do {
            return try outcome(of: row)
        } catch {
            Progress.say("\(row.name): FAILED: \(error)")
            return Outcome(row: row, samples: [], failed: true)
        }
    }

    private func outcome(of row: Row) throws -> Outcome {
        let sides = row.sides(paths, try requests(for: row))
        let pairs = pairs ?? row.pairs
        Progress.say("\(row.name): \(row.summary)")
        var samples: [Sample] = []
        for _ in 0..<pairs {
            samples.append(Sample(parley: try sides.parley(), reference: try sides.reference?()))
        }
        let outcome = Outcome(row: row, samples: samples, failed: false)
        Progress.say("\(row.name): \(outcome.description)")
        return outcome
    }

    private func requests(for row: Row) throws -> Int {
        if let count { return count }
        guard let seconds, row.requests > 1 else { return row.requests }
        let trial = row.sides(paths, min(Session.trialRequests, row.requests))
        let slower = min(
            row.unit.rate(of: try trial.parley()), try trial.reference.map { row.unit.rate(of: try $0()) } ?? .infinity)
        return max(1, Int(min(slower * seconds, Double(Session.mostRequests))))
    }
}

/// A run of the host and the run of its reference right after it.
struct Sample {
    let parley: Double
    let reference: Double?

    var ratio: Double? { reference.map { parley / $0 } }
}

/// What is shown of a row.
struct Outcome: CustomStringConvertible {
    enum Verdict: String {
        case met = "yes"
        case missed = "no"
        case unbounded = "-"
        case failed = "failed"
    }

    let row: Row
    let samples: [Sample]
    let failed: Bool

    var parley: Double? { median(samples.map(\.parley)) }
    var reference: Double? { median(samples.compactMap(\.reference)) }
    var ratio: Double? { median(samples.compactMap(\.ratio)) }

    /// The middle half of the ratios tells how far the median can be trusted.
    var description: String {
        let ratios = samples.compactMap(\.ratio).sorted()
        let host = "\(row.unit.text(parley ?? .nan)) in \(samples.count) runs"
        guard let reference, let ratio else { return host }
        let half = "\(ratios[ratios.count / 4].fixed(2)) to \(ratios[ratios.count * 3 / 4].fixed(2))"
        return "\(host), beside \(row.unit.text(reference)); ratio \(ratio.fixed(2)), mostly \(half)"
    }

    var verdict: Verdict {
        guard !failed, let parley else { return .failed }
        return switch row.bound.isMet(figure: parley, ratio: ratio) {
        case nil: .unbounded
        case true?: .met
        case false?: .missed
        }
    }
}

/// The middle value, or the mean of the two in the middle; nil of nothing.
func median(_ values: [Double]) -> Double? {
    if values.isEmpty { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
