import Foundation
import Testing

// The laws of the house, held against the sources: what a room may import, and what it may not do.

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// A source file and its lines.
private struct Source {
    var path: String
    var lines: [Substring]

    /// Names after `import`, whatever access or attribute stands before it.
    var imports: Set<String> {
        Set(
            lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index < 2, words.count > index + 1 else { return nil }
                return String(words[index + 1].prefix { $0 != "." })
            }
        )
    }
}

private func sources(_ folder: String) throws -> [Source] {
    let base = root.appendingPathComponent(folder)
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
        let text = try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
        return Source(path: "\(folder)/\(name)", lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
}

@Suite struct `Laws of the house` {
    private static let imports: [(folder: String, allowed: Set<String>)] = [
        ("Sources/Statistics", []),
        ("Sources/Text", []),
        ("Sources/Classifier", ["Statistics", "Text"]),
        ("Sources/Wire", ["FoundationEssentials", "Synchronization"]),
        ("Sources/World", ["Crypto", "Synchronization"]),
        ("Sources/Learning", ["Classifier", "Statistics", "Text", "Wire", "World", "Yams"]),
        ("Sources/Terminal", ["Glibc", "Synchronization", "Wire"]),
        (
            "Sources/Engine",
            [
                "Classifier", "Crypto", "Dispatch", "FoundationEssentials", "GRDB", "GRDBSQLite", "Histogram",
                "Learning",
                "Logging",
                "Statistics", "Synchronization", "Text", "Wire", "World",
            ]
        ),
        (
            "Sources/LanguageModel",
            [
                "AsyncHTTPClient", "Glibc", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "Synchronization", "Wire",
                "World",
            ]
        ),
        (
            "Sources/intentd",
            [
                "ArgumentParser", "CMalloc", "CSystemd", "Classifier", "Engine", "Glibc", "LanguageModel", "Learning",
                "Logging", "NIOCore", "NIOPosix", "ServiceLifecycle", "Subprocess", "Synchronization",
                "SystemPackage", "Terminal", "UnixSignals", "Wire", "World", "Yams",
            ]
        ),
        (
            "Sources/intentctl",
            ["ArgumentParser", "CEdit", "FoundationEssentials", "Glibc", "Synchronization", "Terminal", "Wire"]
        ),
    ]

    @Test(arguments: imports)
    func `a room imports only what it may`(_ folder: String, _ allowed: Set<String>) throws {
        let sources = try sources(folder)
        #expect(!sources.isEmpty)
        for source in sources {
            #expect(source.imports.subtracting(allowed).isEmpty, "\(source.path)")
        }
    }

    @Test(arguments: ["Date()", "Task.sleep", "fopen(", "FileManager", "open(\"", "usleep("])
    func `what is handed a clock and a disk touches no other`(_ call: String) throws {
        for source in try sources("Sources/World") + sources("Sources/Learning") + sources("Sources/Engine") {
            for (number, line) in source.lines.enumerated() where line.contains(call) {
                Issue.record("\(source.path):\(number + 1): \(line)")
            }
        }
    }

    @Test func `names cross modules as package, never public`() throws {
        for source in try sources("Sources") {
            for line in source.lines where line.drop(while: { $0 == " " }).hasPrefix("public ") {
                Issue.record("\(source.path): \(line)")
            }
        }
    }

    @Test func `rooms are small`() throws {
        let all = try sources("Sources")
        for source in all { #expect(source.lines.count <= 501, "\(source.path) has \(source.lines.count) lines") }
        let sizes = all.map(\.lines.count).sorted()
        #expect(sizes[sizes.count / 2] <= 150)
    }

    @Test func `unchecked sendability has its reason in the lines before`() throws {
        for source in try sources("Sources") {
            for (number, line) in source.lines.enumerated() where line.contains("@unchecked Sendable") {
                let before = source.lines[max(0, number - 4)..<number]
                #expect(before.contains { $0.contains("//") }, "\(source.path):\(number + 1)")
            }
        }
    }

    @Test(arguments: ["Ounchecked", "NSKeyedArchiver", "fatalError(", "try!"])
    func `nothing switches the checks off or gives up`(_ word: String) throws {
        for source in try sources("Sources") {
            for (number, line) in source.lines.enumerated() where line.contains(word) {
                Issue.record("\(source.path):\(number + 1): \(line)")
            }
        }
    }

    @Test(arguments: ["NIOPosix", "GRDB"])
    func `the client links no event loop and no database`(_ module: String) throws {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let candidates = [
            bundle.deletingLastPathComponent(), Bundle.main.bundleURL,
            Bundle.main.bundleURL.deletingLastPathComponent(),
        ]
        let binary = try #require(
            candidates.map { $0.appendingPathComponent("intentctl") }.first {
                FileManager.default.isExecutableFile(atPath: $0.path)
            },
            "the tool is built beside the tests"
        )
        let bytes = try Data(contentsOf: binary)
        #expect(bytes.range(of: Data(module.utf8)) == nil)
    }
}
