// swift-tools-version:6.2
import PackageDescription

// Targets stand in layers, lowest first; a target depends only on targets above it in this list.
// Tests/ArchitectureTests holds every `import` in Sources to the arrows written here.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let strictC: [CSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "parley",
    products: [
        .executable(name: "parley", targets: ["parley"]),
        .executable(name: "parley-agent-http", targets: ["parley-agent-http"]),
        .executable(name: "parley-bench", targets: ["parley-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.20.0"),
    ],
    targets: [
        // 0  JSON, as libjansson reads it and as we write it.
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .target(name: "CJanssonMemory", dependencies: ["CJansson"], cSettings: strictC),
        .target(name: "Jansson", dependencies: ["CJansson", "CJanssonMemory"], swiftSettings: strict),
        //    Blocking threads and what they share.
        .target(name: "CLinux", cSettings: strictC),
        .target(name: "Threads", dependencies: ["CLinux"], swiftSettings: strict),
        // 1  What a conversation is: events and their fold. Pure values.
        .target(name: "Conversations", dependencies: ["Jansson", "CLinux"], swiftSettings: strict),
        // 2  What is found out about conversations, and what agents are told of them. Pure.
        .target(name: "Insight", dependencies: ["Conversations", "Jansson"], swiftSettings: strict),
        //    The texts that a conversation leaves and comes back as.
        .target(name: "Exchange", dependencies: ["Conversations", "Jansson"], swiftSettings: strict),
        //    The wire: lines, envelopes, errors, parameters.
        .target(
            name: "JSONRPC",
            dependencies: ["Jansson", "Threads", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict),
        // 3  One file a conversation.
        .target(
            name: "Journal",
            dependencies: [
                "Conversations", "Jansson", "Threads", "CLinux",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        // 4  Who answers.
        .target(name: "CProcesses", cSettings: strictC),
        .target(
            name: "Agents",
            dependencies: [
                "Conversations", "JSONRPC", "Jansson", "Threads", "CProcesses",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        //    Whether anybody's plugin keeps to what docs/plugins.md says.
        .target(
            name: "Conformance", dependencies: ["Agents", "JSONRPC", "Jansson", "Threads"], swiftSettings: strict),
        // 5  The host: methods and turns over all of the above.
        .target(name: "CSchemas", cSettings: strictC),
        .target(
            name: "ParleyHost",
            dependencies: [
                "Agents", "Journal", "JSONRPC", "Exchange", "Insight", "Conversations", "Jansson", "Threads",
                "CSchemas",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        // 6  Golden transcripts: what is sent to a host and must come back, as text files.
        .target(name: "Transcripts", dependencies: ["JSONRPC", "Jansson"], swiftSettings: strict),
        // 7  The command.
        .executableTarget(
            name: "parley",
            dependencies: [
                "Transcripts", "ParleyHost", "Conformance", "Agents", "Journal", "JSONRPC", "Jansson", "Threads",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // Beside the host: the plugin for model servers. Nothing of the host depends on what it depends on.
        .target(name: "ModelServers", dependencies: ["Jansson"], swiftSettings: strict),
        .executableTarget(
            name: "parley-agent-http",
            dependencies: [
                "ModelServers", "JSONRPC", "Jansson", "Threads",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),

        // Beside the host: the benchmark, and the C program of least work that it is measured against.
        .executableTarget(
            name: "parley-bench",
            dependencies: [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Benchmarks/parley-bench", swiftSettings: strict),
        .executableTarget(
            name: "parley-floor", dependencies: ["CJansson"], path: "Benchmarks/parley-floor", cSettings: strictC),
        .executableTarget(name: "parley-bare", path: "Benchmarks/parley-bare", swiftSettings: strict),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "JanssonTests", dependencies: ["Jansson", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ConversationsTests", dependencies: ["Conversations", "Jansson", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ExchangeTests", dependencies: ["Exchange", "Conversations", "Jansson", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "InsightTests", dependencies: ["Insight", "Conversations", "Jansson", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "JSONRPCTests", dependencies: ["JSONRPC", "Jansson", "Threads", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "JournalTests", dependencies: ["Journal", "Conversations", "Jansson", "Threads", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "AgentsTests",
            dependencies: [
                "Agents", "Conversations", "Jansson", "Threads", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(name: "ConformanceTests", dependencies: ["Conformance", "Jansson"], swiftSettings: strict),
        .testTarget(
            name: "ParleyHostTests",
            dependencies: [
                "ParleyHost", "Insight", "Agents", "Journal", "JSONRPC", "Conversations", "Jansson", "Threads",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(name: "ModelServersTests", dependencies: ["ModelServers", "Jansson"], swiftSettings: strict),
        .testTarget(
            name: "TranscriptsTests", dependencies: ["Transcripts", "Jansson", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ParleyTests",
            dependencies: ["parley", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
