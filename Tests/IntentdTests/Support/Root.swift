import Glibc
import Synchronization

/// A folder under /tmp with a short name (a socket's path has at most 107 bytes), removed with the value.
final class Root: Sendable {
    let path: String
    private let number = Atomic(0)

    init() throws {
        var template = Array("/tmp/itd-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Files.Failure("make", "/tmp/itd-XXXXXX") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// With training data but without a model.
    static func untrained(_ data: String = TrainingSet.small) throws -> Root {
        let root = try Root()
        try root.write(data, to: "data/intents.csv")
        return root
    }

    /// A copy of one whose first version is trained.
    ///
    /// - Parameter threshold: what `local.threshold` is; so few rows prove none.
    static func trained(threshold: Double? = nil) throws -> Root {
        let root = try Root()
        try Files.copy(try template.get().path, to: root.path)
        let local = threshold.map { "local: { threshold: \($0) }\n" } ?? ""
        try root.write(local + "llm: { backend: off }\n", to: "deploy/intentd.yaml")
        return root
    }

    deinit { Files.remove(path) }

    var socket: String { path + "/run/intentd.sock" }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String) throws { try Files.write(text, to: file(name)) }

    func nextNumber() -> Int { number.add(1, ordering: .relaxed).newValue }

    var chatLog: [Substring] { Files.read(file("logs/chat_metrics.log")).split(separator: "\n") }

    /// Trained once for all tests; the folder goes with the process.
    private static let template: Result<Root, any Error> = Result {
        let root = try Root.untrained()
        try root.write(TrainingSet.intentsFile, to: "data/intents.yaml")
        atexit { if case .success(let root) = Root.template { Files.remove(root.path) } }
        let daemon = try DaemonProcess(root)
        try daemon.stop()
        return root
    }
}
