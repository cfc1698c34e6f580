import Insight
import Jansson
import Testing

/// Budget indicators as docs/insight.md shows them: `` `text` amount currency period``, with commas between them.
enum Money {
    /// Those of a conversation with this one message of a user.
    static func told(_ text: String, _ words: WordList) throws -> String {
        let told = try Sample.told("budget_indicators", of: ["u \(text)"], words)
        if told.isEmpty { return "" }
        return try JSON.parse(told.utf8).elements.map { indicator in
            #expect(indicator["message_id"]?.text == "m1")
            return try shown(indicator)
        }.joined(separator: ", ")
    }

    private static func shown(_ indicator: JSON) throws -> String {
        let text = indicator["text"]?.text
        var parts = ["`\(try #require(text))`"]
        if let amount = indicator["amount"] { parts.append(JSONFragment(amount).description) }
        for name in ["currency", "period"] as [StaticString] {
            if let part = indicator[name]?.text { parts.append(part.description) }
        }
        return parts.joined(separator: " ")
    }
}
