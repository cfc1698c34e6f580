/// What a figure counts, and how a person reads it.
enum Unit: String {
    case perSecond = "/s"
    case milliseconds = "ms"
    case microseconds = "us"
    case mebibytes = "MiB"

    func text(_ figure: Double) -> String {
        switch self {
        case .perSecond: figure.grouped + rawValue
        case .milliseconds, .microseconds, .mebibytes: "\(figure.fixed(figure < 100 ? 2 : 0)) \(rawValue)"
        }
    }

    /// Runs a second that a figure stands for; endless where it isn't about time.
    func rate(of figure: Double) -> Double {
        switch self {
        case .perSecond: figure
        case .milliseconds: 1000 / figure
        case .microseconds: 1_000_000 / figure
        case .mebibytes: .infinity
        }
    }
}

/// What a row must reach.
enum Bound {
    /// A ratio of rates: more is better.
    case ratioAtLeast(Double)
    /// A ratio of times: less is better.
    case ratioAtMost(Double)
    /// A figure of its own.
    case below(Double)
    /// Reported only.
    case none

    func isMet(figure: Double, ratio: Double?) -> Bool? {
        switch self {
        case .ratioAtLeast(let least): ratio.map { $0 >= least }
        case .ratioAtMost(let most): ratio.map { $0 <= most }
        case .below(let limit): figure < limit
        case .none: nil
        }
    }

    func text(in unit: Unit) -> String {
        switch self {
        case .ratioAtLeast(let least): "≥ \(least.fixed(1))"
        case .ratioAtMost(let most): "≤ \(most.fixed(1))"
        case .below(let limit): "< \(limit.fixed(0)) \(unit.rawValue)"
        case .none: "-"
        }
    }
}

extension Double {
    /// With so many digits behind the point, rounded.
    func fixed(_ digits: Int) -> String {
        guard isFinite, magnitude < 1e15 else { return "\(self)" }
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((magnitude * Double(scale)).rounded())
        let sign = self < 0 && scaled > 0 ? "-" : ""
        if digits == 0 { return sign + "\(scaled)" }
        let fraction = String(scaled % scale)
        return sign + "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// Whole, with a comma at the thousands.
    var grouped: String {
        var text = ""
        for (place, digit) in fixed(0).reversed().enumerated() {
            if place > 0 && place % 3 == 0 { text = "," + text }
            text = String(digit) + text
        }
        return text
    }
}

extension String {
    func padded(to width: Int, right: Bool = false) -> String {
        let padding = String(repeating: " ", count: max(0, width - count))
        return right ? padding + self : self + padding
    }
}
