import Jansson

extension WordList {
    /// 64 bits, in hexadecimal, of everything that makes a difference to what is counted.
    var hash: Text {
        var fingerprint = Fingerprint()
        // The version of the rules in this module: another one counts anew.
        fingerprint.mix(1)
        for words in [
            sentiment.negative, sentiment.positive, escalation.words, products, stage.features, stage.price,
            replies.escalation, replies.followup,
        ] { fingerprint.mix(words) }
        fingerprint.mix(topics.count)
        for topic in topics {
            fingerprint.mix(topic.name)
            fingerprint.mix(topic.words)
        }
        for count in [
            sentiment.lastMessages, escalation.overMessages, issuesLastMessages, stage.fromMessages, mood.lastMessages,
            mood.highOver, mood.engagedOver,
        ] { fingerprint.mix(count) }
        fingerprint.mix(budget)
        return fingerprint.text
    }
}

/// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), each part with its length, so that no two lists run together
/// into the same bytes.
private struct Fingerprint {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    private mutating func mix(bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    mutating func mix(_ number: Int) { mix(bytes: String(number).utf8 + [0]) }

    mutating func mix(_ text: Text) {
        mix(text.utf8.count)
        mix(bytes: text.utf8)
    }

    mutating func mix(_ texts: [Text]) {
        mix(texts.count)
        for text in texts { mix(text) }
    }

    mutating func mix(_ budget: BudgetWords) {
        mix(budget.decimal)
        for words in [budget.words, budget.groups, budget.periodMarks, budget.rangeMarks, budget.things] { mix(words) }
        for names in [budget.currencies, budget.periods, budget.between] {
            mix(names.count)
            for entry in names {
                mix(entry.name)
                mix(entry.value)
            }
        }
        for names in [budget.multipliers, budget.multipliersWithCurrency] {
            mix(names.count)
            for entry in names {
                mix(entry.name)
                mix(Text(entry.value.description))
            }
        }
    }

    var text: Text {
        let digits = String(hash, radix: 16)
        return Text(String(repeating: "0", count: 16 - digits.utf8.count) + digits)
    }
}
