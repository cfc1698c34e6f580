import JSONRPC
import Jansson

/// The params of one request, checked against what its method declares: reading a declared one can't fail.
struct Parameters: Sendable {
    private let object: JSON?

    /// - Throws: `invalidParams` with `data.path`, and `data.expected` or the closest known name, for the first
    ///   member that is unknown or mistyped, else for the first required one that is missing.
    /// - Parameter noun: what a member is called to people.
    init(
        _ params: JSON?, declared: ParameterList, noun: String = "parameter"
    ) throws(RPCError) {
        if let params, params.kind == .array, params.count > 0 {
            throw RPCError(
                .invalidParams, "`params` goes by name: it must be an object, not an array.",
                [("path", .string("params")), ("expected", .string("an object"))])
        }
        let given = params.flatMap { $0.isObject ? $0 : nil }
        object = given
        if let given {
            for (name, value) in given.members { try Self.check(name, value, declared, noun) }
        }
        for index in declared.required where given?[declared.names[index]] == nil {
            let declaration = declared.all[index]
            throw RPCError(
                .invalidParams, "`\(declaration.name)` is missing: it must be \(declaration.expected).",
                [("path", .string(declaration.name.description)), ("expected", .string(declaration.expected))])
        }
    }

    /// `_meta.progressToken`: what the client calls this request in notifications of its progress.
    var progressToken: RequestID? {
        guard let token = object?["_meta"]?["progressToken"], let id = RequestID(token), id != .null else { return nil }
        return id
    }

    private static func check(
        _ name: UnsafeBufferPointer<UInt8>, _ value: JSON, _ declared: ParameterList, _ noun: String
    ) throws(RPCError) {
        if let index = declared.names.firstIndex(where: { name.equals($0) }) {
            let declaration = declared.all[index]
            if !declaration.accepts(value) { throw .mistyped(declaration, value) }
        } else if !name.equals("_meta") {
            throw .unknown(Text(name), among: declared.names.map(\.description), noun)
        }
    }

    /// - Throws: `internalError` where a required parameter is read that the method does not declare.
    subscript<Value>(_ parameter: Parameter<Value>) -> Value {
        get throws(RPCError) {
            guard let value = parameter.read(object?[parameter.declaration.name]) else {
                throw RPCError(.internalError, "`\(parameter.declaration.name)` is read but not declared.")
            }
            return value
        }
    }
}

/// What a method, or an object of a config, may be given.
package struct ParameterList: Sendable, ExpressibleByArrayLiteral {
    package let all: [ParameterDeclaration]
    /// Of `all`, in its order: looking through bare names costs no reference counts.
    let names: [StaticString]
    /// Indices in `all`.
    let required: [Int]

    package init(arrayLiteral elements: ParameterDeclaration...) {
        all = elements
        names = elements.map(\.name)
        required = elements.indices.filter { elements[$0].isRequired }
    }
}

extension RPCError {
    fileprivate static func mistyped(_ declaration: ParameterDeclaration, _ value: JSON) -> RPCError {
        let shown = JSONFragment(value).bytes
        let text =
            shown.count <= 80 && declaration.isShown ? "`\(String(decoding: shown, as: UTF8.self))`" : value.article
        return RPCError(
            .invalidParams, "`\(declaration.name)` must be \(declaration.expected), not \(text).",
            [("path", .string(declaration.name.description)), ("expected", .string(declaration.expected))])
    }

    fileprivate static func unknown(_ name: Text, among known: [String], _ noun: String) -> RPCError {
        let closest = closestName(to: name.description, among: known)
        let hint =
            closest.map { "did you mean `\($0)`?" }
            ?? (known.isEmpty ? "there are none." : "known are \(known.map { "`\($0)`" }.joined(separator: ", ")).")
        let error = RPCError(
            .invalidParams, "There is no \(noun) `\(name)`: \(hint)", [("path", .shown(name))])
        return closest.map { error.with("closest", .string($0)) } ?? error
    }
}
