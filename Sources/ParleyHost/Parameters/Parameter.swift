import JSONRPC
import Jansson

/// A named parameter of a method: what it may be, and how a handler reads it.
///
/// It is declared once; validation, the refusal of unknown members, the default and the comparison with
/// schemas/openrpc.json all work from this declaration.
struct Parameter<Value: Sendable>: Sendable {
    let declaration: ParameterDeclaration
    let read: @Sendable (JSON?) -> Value?
}

/// A parameter without its Swift type.
package final class ParameterDeclaration: Sendable {
    package let name: StaticString
    package let isRequired: Bool
    /// What it must be, for a sentence: "a string".
    package let expected: String
    /// Facts of its JSON Schema that a test compares with the published document (`type`, `enum`, `minimum` …).
    package var schema: [String: JSONFragment] { makeSchema() }
    /// Made only for who asks: a host's start should not wait for it.
    private let makeSchema: @Sendable () -> [String: JSONFragment]
    let accepts: @Sendable (JSON) -> Bool
    /// Whether an error may show what was given instead.
    let isShown: Bool

    fileprivate init<Value>(_ name: StaticString, _ isRequired: Bool, _ shape: Shape<Value>) {
        self.name = name
        self.isRequired = isRequired
        expected = shape.expected
        makeSchema = shape.schema
        accepts = shape.accepts
        isShown = shape.isShown
    }
}

extension Parameter {
    /// A parameter that must be given.
    static func required(_ name: StaticString, _ shape: Shape<Value>) -> Parameter {
        Parameter(declaration: ParameterDeclaration(name, true, shape)) { $0.flatMap(shape.read) }
    }

    /// A parameter that may be left out, then taken as `absent`.
    static func optional(_ name: StaticString, _ shape: Shape<Value>, default absent: Value) -> Parameter {
        Parameter(declaration: ParameterDeclaration(name, false, shape)) { json in
            json.map(shape.read) ?? absent
        }
    }

    /// A parameter that may be left out, then nil.
    static func optional<Wrapped>(
        _ name: StaticString, _ shape: Shape<Wrapped>
    ) -> Parameter where Value == Wrapped? {
        Parameter(declaration: ParameterDeclaration(name, false, shape)) { json in .some(json.flatMap(shape.read)) }
    }
}

/// What a value may be.
struct Shape<Value: Sendable>: Sendable {
    let expected: String
    let schema: @Sendable () -> [String: JSONFragment]
    let accepts: @Sendable (JSON) -> Bool
    let isShown: Bool
    let read: @Sendable (JSON) -> Value?

    /// - Parameters:
    ///   - isShown: false for what may be a secret.
    ///   - accepts: whether `read` answers with a value; given where that can be told without making it.
    init(
        _ expected: String, schema: @escaping @autoclosure @Sendable () -> [String: JSONFragment],
        isShown: Bool = true, accepts: (@Sendable (JSON) -> Bool)? = nil,
        read: @escaping @Sendable (JSON) -> Value?
    ) {
        self.expected = expected
        self.schema = schema
        self.isShown = isShown
        self.accepts = accepts ?? { read($0) != nil }
        self.read = read
    }
}

extension Shape where Value == Text {
    static let string = Shape(
        "a string", schema: ["type": .string("string")], accepts: { $0.kind == .string }, read: \.text)
}

extension Shape where Value == Bool {
    static let boolean = Shape("a boolean", schema: ["type": .string("boolean")]) { $0.boolean }
}

extension Shape where Value == Members {
    static let object = Shape(
        "an object", schema: ["type": .string("object")], accepts: \.isObject
    ) { $0.isObject ? Members($0) : nil }
}

extension Shape where Value == [Text] {
    static let strings = Shape("an array of strings", schema: ["type": .string("array")]) { json in
        guard json.kind == .array else { return nil }
        let texts = json.elements.compactMap(\.text)
        return texts.count == json.count ? texts : nil
    }
}

extension Shape where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Shape {
        Shape(
            "an integer from \(range.lowerBound) to \(range.upperBound)",
            schema: [
                "type": .string("integer"), "minimum": .integer(range.lowerBound),
                "maximum": .integer(range.upperBound),
            ]
        ) { json in json.integer.flatMap { range.contains(Int($0)) ? Int($0) : nil } }
    }

    static func integer(atLeast minimum: Int) -> Shape {
        Shape(
            "an integer of at least \(minimum)",
            schema: ["type": .string("integer"), "minimum": .integer(minimum)]
        ) { json in json.integer.flatMap { $0 >= Int64(minimum) ? Int($0) : nil } }
    }
}

extension Shape where Value: RawRepresentable<String> & CaseIterable {
    /// One of an enumeration's words.
    static func word() -> Shape {
        let words = Value.allCases.map(\.rawValue)
        return Shape(
            "one of " + words.map { "\"\($0)\"" }.joined(separator: ", "),
            schema: ["type": .string("string"), "enum": .strings(words)]
        ) { json in json.text.flatMap { Value(rawValue: $0.description) } }
    }
}
