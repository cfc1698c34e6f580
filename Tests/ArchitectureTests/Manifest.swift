/// The targets of Package.swift in the order in which they are declared, with the arrows between them.
struct Manifest {
    struct Target {
        let name: String
        /// Targets of this package that it depends on.
        let targets: [String]
        /// Modules of other packages that it depends on.
        let products: [String]
        let isTest: Bool
        /// Where its files are, if not under Sources and its name.
        let path: String?
    }

    let targets: [Target]

    init(_ text: String) throws {
        let list = text.firstRange(of: "targets: [\n").map { text[$0.upperBound...] } ?? text[...]
        let declaration = /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name: "([^"]+)"/
        let matches = list.matches(of: declaration)
        targets = matches.enumerated().map { index, match in
            let end = index + 1 < matches.count ? matches[index + 1].range.lowerBound : list.endIndex
            let body = list[match.range.upperBound..<end]
            let dependencies = Self.dependencies(of: body)
            let products = dependencies.matches(of: /\.product\(name: "([^"]+)", package: "[^"]+"\)/).map {
                String($0.1)
            }
            let own = dependencies.replacing(/\.product\([^)]*\)/, with: "").matches(of: /"([^"]+)"/).map {
                String($0.1)
            }
            return Target(
                name: String(match.2), targets: own, products: products, isTest: match.1 == "testTarget",
                path: body.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) })
        }
    }

    /// What stands between the brackets behind `dependencies:`.
    private static func dependencies(of body: Substring) -> Substring {
        guard let start = body.firstRange(of: "dependencies: [")?.upperBound else { return "" }
        var depth = 1
        var end = start
        while end < body.endIndex, depth > 0 {
            if body[end] == "[" { depth += 1 }
            if body[end] == "]" { depth -= 1 }
            if depth > 0 { end = body.index(after: end) }
        }
        return body[start..<end]
    }
}
