import Agents
import JSONRPC
import Jansson

/// What a plugin says of itself.
struct Introduction {
    let name: Text
    let version: Text
    let capabilities: [Text]

    /// - Throws: what is wrong with the result of `initialize`, as the end of a sentence.
    init(_ result: JSON) throws(ShapeFault) {
        name = try result.string("name")
        version = try result.string("version")
        guard let list = result["capabilities"], list.kind == .array else {
            throw ShapeFault("has no `capabilities`, an array of strings")
        }
        capabilities = list.elements.compactMap(\.text)
        if capabilities.count < list.count { throw ShapeFault("has `capabilities` that are not all strings") }
    }
}

/// What is wrong with a value, behind "the result".
struct ShapeFault: Error, Equatable {
    let clause: String
    init(_ clause: String) { self.clause = clause }
}

extension Capability {
    /// Looks whether a result is what this is answered with.
    func check(_ result: JSON) throws(ShapeFault) {
        guard result.isObject else { throw ShapeFault("is \(result.article), not an object") }
        switch self {
        case .execute:
            _ = try result.string("response")
        case .loadProfile: try result.object("profile")
        case .buildContext: try result.object("context")
        case .analyzeSentiment:
            let sentiment = try result.string("sentiment")
            if !["negative", "neutral", "positive"].contains(sentiment) {
                throw ShapeFault("has the `sentiment` `\(sentiment)`; it is `negative`, `neutral` or `positive`")
            }
            guard let confidence = result["confidence"]?.number, confidence >= 0 else {
                throw ShapeFault("has no `confidence`, a number of at least 0")
            }
        case .extractTopics:
            guard let topics = result["topics"], topics.kind == .array else {
                throw ShapeFault("has no `topics`, an array of strings")
            }
            let texts = topics.elements.compactMap(\.text)
            if texts.count < topics.count { throw ShapeFault("has `topics` that are not all strings") }
            if texts.count > 50 { throw ShapeFault("has \(texts.count) `topics`; 50 are the most") }
            if let long = texts.first(where: { $0.utf8.count > 100 }) {
                throw ShapeFault("has a topic of \(long.utf8.count) bytes; 100 are the most")
            }
        }
    }
}

extension JSON {
    fileprivate func string(_ name: StaticString) throws(ShapeFault) -> Text {
        guard let value = self[name] else { throw ShapeFault("has no `\(name)`, a string") }
        guard let text = value.text else { throw ShapeFault("has a `\(name)` that is \(value.article), not a string") }
        return text
    }

    fileprivate func object(_ name: StaticString) throws(ShapeFault) {
        guard let value = self[name] else { throw ShapeFault("has no `\(name)`, an object") }
        if !value.isObject { throw ShapeFault("has a `\(name)` that is \(value.article), not an object") }
    }
}

/// Looks whether what is told of a reply is what hosts take over.
func checkMetadata(_ metadata: JSON) throws(ShapeFault) {
    guard metadata.isObject else {
        throw ShapeFault("has `metadata` that is \(metadata.article); it is an object, or left out")
    }
    if let tools = metadata["tools_used"] {
        guard tools.kind == .array, tools.elements.allSatisfy({ $0.kind == .string }) else {
            throw ShapeFault("has `tools_used` that is no array of strings")
        }
    }
    if let tokens = metadata["tokens_used"], !tokens.isAmount {
        throw ShapeFault("has `tokens_used` that is no integer of at least 0")
    }
    guard let usage = metadata["usage"] else { return }
    let hasNeeded = usage["input_tokens"]?.isAmount ?? false && usage["output_tokens"]?.isAmount ?? false
    guard hasNeeded, usage["cached_tokens"]?.isAmount ?? true else {
        throw ShapeFault(
            "has `usage` that is not {input_tokens, output_tokens, cached_tokens?, cost?}, the tokens integers of at least 0"
        )
    }
    guard let cost = usage["cost"] else { return }
    guard let amount = cost["amount"]?.number, amount >= 0, cost["currency"]?.kind == .string,
        let source = cost["source"]?.text, source == "reported" || source == "estimated"
    else {
        throw ShapeFault(
            "has a `cost` that is not {amount, currency, source}: a number, a string, and `reported` or `estimated`")
    }
}

extension JSON {
    /// Whether it can count tokens.
    fileprivate var isAmount: Bool { integer.map { $0 >= 0 } ?? false }
}
