// swift-tools-version: 6.2
import PackageDescription

// One section per target, bottom-up: a target may only name what stands above it.

let package = Package(
    name: "intentd",
    products: [
        .executable(name: "intentd", targets: ["intentd"]),
        .executable(name: "intentctl", targets: ["intentctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // How tests wait.
        .target(name: "Patience", path: "Tests/Patience"),

        // Numbers about numbers: intervals and tests. Pure: standard library only.
        .target(
            name: "Statistics",
            swiftSettings: optimisedInDebug
        ),
        .testTarget(name: "StatisticsTests", dependencies: ["Statistics"]),

        // Unicode tables, folding, redaction, words, near texts. Pure: standard library only.
        .target(
            name: "Text",
            swiftSettings: optimisedInDebug
        ),
        .testTarget(name: "TextTests", dependencies: ["Statistics", "Text"]),

        // Text to features to a calibrated intent; training and evaluation. Pure.
        .target(
            name: "Classifier",
            dependencies: ["Statistics", "Text"],
            swiftSettings: optimisedInDebug
        ),
        .testTarget(
            name: "ClassifierTests",
            dependencies: ["Classifier", "Statistics", "TestSupport", "Text"],
            resources: [.copy("Fixtures")]
        ),

        // What is said on the socket.
        .target(
            name: "Wire",
            swiftSettings: optimisedInDebug
        ),
        .testTarget(name: "WireTests", dependencies: ["Wire"]),

        // What is handed in: disk, clock, randomness; identifiers, digests, folders, the LLM's vocabulary, taking turns.
        .target(
            name: "World",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: optimisedInDebug
        ),
        .testTarget(name: "WorldTests", dependencies: ["TestSupport", "World"]),

        // Rows in, verdict out: data files, templates, claims, gate, versions. No database, no logging, no socket.
        .target(
            name: "Learning",
            dependencies: [
                "Classifier",
                "Statistics",
                "Text",
                "Wire",
                "World",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: optimisedInDebug
        ),
        // What several suites stand on: a disk in memory, a clock that a test moves, made-up data.
        .target(
            name: "TestSupport",
            dependencies: ["Classifier", "Learning", "Statistics", "World"],
            path: "Tests/Support"
        ),
        .testTarget(
            name: "LearningTests",
            dependencies: ["Classifier", "Learning", "Statistics", "TestSupport", "Text", "Wire", "World"]
        ),

        // What a person sees: tables, bars, widths, and what a terminal may be shown.
        .target(name: "Terminal", dependencies: ["Wire"]),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal", "Wire"]),

        // What the daemon knows and decides.
        .target(
            name: "Engine",
            dependencies: [
                "Classifier",
                "Learning",
                "Statistics",
                "Text",
                "Wire",
                "World",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: optimisedInDebug
        ),
        // Counts what the hot path asks of the allocator.
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "CAllocations",
                "Classifier",
                "Engine",
                "Learning",
                "Patience",
                "Statistics",
                "TestSupport",
                "Wire",
                "World",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.copy("Fixtures")]
        ),

        // Asks an LLM: Ollama, whatever speaks OpenAI's protocol, or the built-in stand-in.
        .target(
            name: "LanguageModel",
            dependencies: [
                "Wire",
                "World",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        // An LLM's server that is as wrong as a test wants it.
        .target(name: "StubServer", path: "Tests/StubServer"),
        .testTarget(
            name: "LanguageModelTests",
            dependencies: ["LanguageModel", "Patience", "StubServer", "Wire", "World"]
        ),

        // The laws that no compiler checks.
        .testTarget(name: "ArchitectureTests", dependencies: ["intentctl"]),

        // The system's line editor.
        .systemLibrary(name: "CEdit", providers: [.apt(["libedit-dev"])]),

        // The settings of the C library's allocator.
        .systemLibrary(name: "CMalloc"),

        // The service manager: notify, passed sockets, watchdog, journal.
        .systemLibrary(name: "CSystemd", providers: [.apt(["libsystemd-dev"])]),

        // The process: configuration, socket server, peers, service manager.
        .executableTarget(
            name: "intentd",
            dependencies: [
                "CMalloc",
                "CSystemd",
                "Classifier",
                "Engine",
                "LanguageModel",
                "Learning",
                "Terminal",
                "Wire",
                "World",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),

        // The real daemon over real sockets, and its configuration.
        .testTarget(
            name: "IntentdTests",
            dependencies: [
                "Engine",
                "Patience",
                "StubServer",
                "Wire",
                "World",
                "intentd",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // The whole of it, installed under a systemd that was booted for it.
        .testTarget(name: "SystemTests", dependencies: ["Patience", "intentctl", "intentd"], exclude: ["Scenarios"]),

        // The tool: arguments to one request to text.
        .executableTarget(
            name: "intentctl",
            dependencies: [
                "CEdit",
                "Terminal",
                "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(name: "IntentctlTests", dependencies: ["Patience", "Wire", "intentctl"]),

        // In-process figures: accuracy, training, classification.
        .executableTarget(
            name: "intentd-bench",
            dependencies: ["Classifier", "Learning", "Terminal", "TestSupport"],
            path: "Benchmarks/InProcess"
        ),

        // The kernel's event queue and timers, which Glibc's module leaves out.
        .systemLibrary(name: "CEpoll", path: "Benchmarks/CEpoll"),

        // Figures of whole processes: asks a daemon over its socket, counts and times the answers.
        .executableTarget(name: "intentd-load", dependencies: ["CEpoll", "Terminal", "Wire"], path: "Benchmarks/Load"),
    ]
)

// What scripts/fuzz.sh runs: declared for it alone, and then our own rooms count what an input reaches.
if Context.environment["INTENTD_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
        .executableTarget(
            name: "intentd-fuzz",
            dependencies: [
                "CFuzzer",
                "Classifier",
                "Engine",
                "Learning",
                "Statistics",
                "Terminal",
                "TestSupport",
                "Wire",
                "World",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ],
            path: "Fuzz",
            exclude: ["CFuzzer", "Corpus", "Dictionaries"]
        ),
    ]
    for target in package.targets
    where [
        "Classifier", "Engine", "Learning", "Statistics", "Text", "Wire", "World", "intentd-fuzz",
    ].contains(target.name) {
        target.swiftSettings =
            (target.swiftSettings ?? []) + [
                .unsafeFlags(["-sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table", "-enable-testing"])
            ]
    }
}

/// Rooms that train in tests would take minutes without the optimiser.
var optimisedInDebug: [SwiftSetting] { [.unsafeFlags(["-O"], .when(configuration: .debug))] }

// The same language rules for every room of ours.
// https://github.com/swiftlang/swift-evolution: SE-0335, SE-0444, SE-0409, SE-0461
let isStrict = Context.environment["INTENTD_STRICT"] != nil
for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + (isStrict ? [.treatAllWarnings(as: .error)] : []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
        ]
}
