import Testing

@Suite("Modules stand in layers") struct LayerTests {
    private let manifest: Manifest
    private let sources: [Repository.File]

    init() throws {
        let text = try String(contentsOf: Repository.root.appending(path: "Package.swift"), encoding: .utf8)
        manifest = try Manifest(text)
        sources = try Repository.swiftSources()
    }

    /// What comes with the language and the system.
    private static let system: Set<String> = ["Glibc", "Synchronization", "Swift"]

    private func target(of file: Repository.File) -> String {
        file.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    }

    private func imports(of file: Repository.File) -> [String] {
        file.lines.filter { $0.contains("import ") }.compactMap { line in
            let words = line.prefix { $0 != "/" }.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), words[..<place].allSatisfy(Self.isModifier) else {
                return nil
            }
            let isOfOne = words.count > place + 2
            return words.last.map { isOfOne ? $0.prefix { $0 != "." } : $0[...] }.map(String.init)
        }
    }

    private static func isModifier(_ word: Substring) -> Bool {
        word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word)
    }

    @Test("The manifest was understood: there are targets, arrows and imports to hold against each other")
    func understood() {
        #expect(manifest.targets.count > 10)
        #expect(manifest.targets.reduce(0) { $0 + $1.targets.count } > 20)
        #expect(manifest.targets.reduce(0) { $0 + $1.products.count } > 5)
        #expect(sources.count > 50 && sources.reduce(0) { $0 + imports(of: $1).count } > 100)
    }

    @Test("Arrows point to targets that are declared before")
    func downwards() {
        for (index, target) in manifest.targets.enumerated() {
            let before = manifest.targets[..<index].map(\.name)
            for name in target.targets { #expect(before.contains(name), "\(target.name) → \(name)") }
        }
    }

    @Test("Every folder of Sources is a target")
    func folders() {
        let declared = Set(manifest.targets.map(\.name))
        for file in sources { #expect(declared.contains(target(of: file)), "\(file.path)") }
    }

    @Test("Every import is an arrow of its target")
    func imports() throws {
        for file in sources {
            let target = try #require(manifest.targets.first { $0.name == self.target(of: file) })
            for module in imports(of: file) where !Self.system.contains(module) {
                #expect((target.targets + target.products).contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test("Every arrow is used, so that none is left behind")
    func unused() {
        for target in manifest.targets where !target.isTest && target.path == nil {
            let used = Set(sources.filter { self.target(of: $0) == target.name }.flatMap { imports(of: $0) })
            // A target of C has no imports that are looked at here.
            if used.isEmpty { continue }
            for name in target.targets + target.products {
                #expect(used.contains(name), "\(target.name) → \(name)")
            }
        }
    }

    @Test("libjansson is Jansson's alone")
    func jansson() {
        for file in sources where target(of: file) != "Jansson" {
            #expect(!imports(of: file).contains { $0.hasPrefix("CJansson") }, "\(file.path)")
            #expect(!file.text.contains("json_t>"), "\(file.path)")
        }
    }

    @Test("Foundation stays out: it is slow to start and large")
    func foundation() {
        for file in sources { #expect(!imports(of: file).contains { $0.hasPrefix("Foundation") }, "\(file.path)") }
    }

    @Test(
        "What a conversation is, and what is found out about it, does no I/O, reads no clock and makes no threads",
        arguments: ["Conversations", "Insight"])
    func pure(_ module: String) {
        for file in sources where target(of: file) == module {
            #expect(
                !file.text.contains(/\b(open|fopen|read|write|clock_gettime|time|getentropy|pthread_create)\(/),
                "\(file.path)")
        }
    }
}
