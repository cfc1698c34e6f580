import Jansson

/// The params of one request, checked against what its method declares: reading a declared one can't fail.
package struct Parameters: Sendable {
    private let object: JSON?

    /// - Throws: `invalidParams` with `data.path`, and `data.expected` or the closest known name, for the first
    ///   member that is unknown or mistyped, else for the first required one that is missing.
    /// - Parameter noun: what a member is called to people.
    package init(
        _ params: JSON?, declared: [ParameterDeclaration], noun: String = "parameter"
    ) throws(RPCError) {
        if let params, params.kind == .array, params.count > 0 {
            throw RPCError(
                .invalidParams, "`params` goes by name: it must be an object, not an array.",
                [("path", .string("params")), ("expected", .string("an object"))])
        }
        let given = params.flatMap { $0.isObject ? $0 : nil }
        object = given
        try given?.forEachMember { (name, value) throws(RPCError) in
            if let declaration = declared.first(where: { name.equals($0.name) }) {
                if !declaration.accepts(value) { throw .mistyped(declaration, value) }
            } else if !name.equals("_meta") {
                throw .unknown(Text(name), among: declared.map(\.name.description), noun)
            }
        }
        for declaration in declared where declaration.isRequired && given?[declaration.name] == nil {
            throw RPCError(
                .invalidParams, "`\(declaration.name)` is missing: it must be \(declaration.expected).",
                [("path", .string(declaration.name.description)), ("expected", .string(declaration.expected))])
        }
    }

    /// - Throws: `internalError` where the method reads a parameter that it does not declare.
    package subscript<Value>(_ parameter: Parameter<Value>) -> Value {
        get throws(RPCError) {
            guard let value = parameter.read(object?[parameter.declaration.name]) else {
                throw RPCError(.internalError, "`\(parameter.declaration.name)` is read but not declared.")
            }
            return value
        }
    }
}

extension RPCError {
    fileprivate static func mistyped(_ declaration: ParameterDeclaration, _ value: JSON) -> RPCError {
        let shown = JSONFragment(value).bytes
        let text = shown.count <= 80 ? "`\(String(decoding: shown, as: UTF8.self))`" : value.article
        return RPCError(
            .invalidParams, "`\(declaration.name)` must be \(declaration.expected), not \(text).",
            [("path", .string(declaration.name.description)), ("expected", .string(declaration.expected))])
    }

    fileprivate static func unknown(_ name: Text, among known: [String], _ noun: String) -> RPCError {
        let closest = closestName(to: name.description, among: known)
        let hint = closest.map { "did you mean `\($0)`?" }
            ?? (known.isEmpty ? "it takes none." : "known are \(known.map { "`\($0)`" }.joined(separator: ", ")).")
        let error = RPCError(
            .invalidParams, "There is no \(noun) `\(name)`: \(hint)", [("path", .string(name))])
        return closest.map { error.with("closest", .string($0)) } ?? error
    }
}

/// The known name that a misspelt one is most likely meant to be; nil where none is near.
package func closestName(to name: String, among known: some Sequence<String>) -> String? {
    let ranked = known.map { (name: $0, distance: editDistance(Array(name.utf8.prefix(64)), Array($0.utf8))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(2, best.name.utf8.count / 3) ? best.name : nil
}

/// How many bytes must be put in, taken out or replaced (Levenshtein), letters of either case being the same.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in right.enumerated() {
            let replaced = diagonal + (a | 0x20 == b | 0x20 ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[right.count]
}
