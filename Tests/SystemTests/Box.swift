import Foundation
import Patience

/// `scripts/box.sh` with what was built just now installed in it.
struct Box {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The checkout.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let scenarios = root.appendingPathComponent("Tests/SystemTests/Scenarios")

    /// The names of the scenarios.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: scenarios.path)) ?? []
        return files.filter { $0.hasSuffix(".sh") }.map { String($0.dropLast(3)) }.sorted()
    }()

    private let tree: URL
    private let seed: URL

    /// Made once: an installation, and the state of a daemon that has trained its first model.
    static let shared: Result<Box, any Error> = Result { try Box() }

    private init() throws {
        let work = FileManager.default.temporaryDirectory.appendingPathComponent("intentd-system-\(UUID().uuidString)")
        let environment = ProcessInfo.processInfo.environment
        seed = work.appendingPathComponent("seed")
        tree = environment["INTENTD_TREE"].map { URL(fileURLWithPath: $0) } ?? work.appendingPathComponent("tree")
        Self.removedAtExit = work
        atexit { if let work = Box.removedAtExit { try? FileManager.default.removeItem(at: work) } }
        let bin = try Self.binaries()
        try FileManager.default.createDirectory(
            at: seed.appendingPathComponent("data"),
            withIntermediateDirectories: true
        )
        if environment["INTENTD_TREE"] == nil {
            let installed = try Self.run(
                Self.root.appendingPathComponent("scripts/install.sh"),
                [bin.path],
                ["DESTDIR": tree.path, "PREFIX": "/usr"]
            )
            guard installed.status == 0 else { throw Failure(description: "not installed: \(installed.output)") }
        }
        for name in ["intents.yaml", "golden.csv", "behaviour.yaml"] {
            try FileManager.default.copyItem(
                at: Self.root.appendingPathComponent("data/" + name),
                to: seed.appendingPathComponent("data/" + name)
            )
        }
        try Self.train(bin.appendingPathComponent("intentd"), in: seed)
    }

    // Written once, in the initialiser of `shared`, before anybody could read it.
    nonisolated(unsafe) private static var removedAtExit: URL?

    /// Runs a scenario to its end; status 77 says that this machine cannot.
    func run(_ scenario: String) throws -> (status: Int32, output: String) {
        let script = Self.scenarios.appendingPathComponent(scenario + ".sh")
        // Its line `# box: OPTION...` says what it needs.
        let line = try String(contentsOf: script, encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("# box: ") }
        let options = (line?.dropFirst(7).split(separator: " ") ?? []).map {
            $0.replacing("{seed}", with: seed.path)
        }
        return try Self.run(
            Self.root.appendingPathComponent("scripts/box.sh"),
            // Many waits, each with a limit of its own; this one ends what even those do not.
            ["--timeout", "1800"] + options.map { String($0) } + [script.path],
            ["INTENTD_TREE": tree.path]
        )
    }

    /// What box and scenarios end with where this machine cannot do it.
    static let cannot: Int32 = 77

    private static func train(_ intentd: URL, in seed: URL) throws {
        let daemon = Process()
        daemon.executableURL = intentd
        daemon.arguments = ["serve", "--root", seed.path, "--log-level", "error"]
        try daemon.run()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        let socket = seed.appendingPathComponent("run/intentd.sock").path
        let isThere = Patience.until { FileManager.default.fileExists(atPath: socket) || !daemon.isRunning }
        guard isThere, daemon.isRunning else { throw Failure(description: "no first model was trained") }
    }

    private static func run(
        _ program: URL,
        _ arguments: [String],
        _ variables: [String: String]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// The folder of `intentd` and `intentctl`: `$INTENTD_BIN`'s, or the one beside the tests.
    private static func binaries() throws -> URL {
        if let named = ProcessInfo.processInfo.environment["INTENTD_BIN"] {
            return URL(fileURLWithPath: named).deletingLastPathComponent()
        }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let candidates = [
            bundle.deletingLastPathComponent(), Bundle.main.bundleURL,
            Bundle.main.bundleURL.deletingLastPathComponent(),
        ]
        let found = candidates.first { folder in
            ["intentd", "intentctl"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent($0).path)
            }
        }
        guard let found else { throw Failure(description: "intentd and intentctl are not beside the tests") }
        return found
    }
}
