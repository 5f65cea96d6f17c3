import StubServer
import Wire

/// A daemon whose LLM is a stub.
final class Upstream {
    let stub: Stub
    let daemon: DaemonProcess
    let client: Connection
    private let socket: Root?

    /// What the small model is not sure of.
    static let doubtful = "please sing the national anthem of iceland"

    /// - Parameters:
    ///   - isUnix: over a Unix socket instead of loopback.
    ///   - llm: further keys of `llm`, in YAML's flow form.
    ///   - settings: further sections.
    init(
        isUnix: Bool = false,
        backend: String = "ollama",
        llm: String = "",
        settings: String = "",
        environment: [String: String] = [:],
        _ chat: @escaping Stub.Handler = { $1.answer(Recorded.plain) }
    ) throws {
        let place = isUnix ? try Root() : nil
        socket = place
        stub = try Stub(path: place.map { $0.file("llm.sock") }, chat)
        let root = try Root.trained(threshold: 0.5)
        try root.write(Self.configuration(backend, llm) + settings + "\n", to: "deploy/intentd.yaml")
        daemon = try DaemonProcess(
            root,
            environment: ["OLLAMA_API_URL": stub.url].merging(environment) { $1 }
        )
        client = try daemon.connect()
    }

    deinit { stub.stop() }

    /// Where no limit is named, an LLM may take as long as it likes: no answer comes to grief on a busy machine.
    static func configuration(_ backend: String, _ llm: String = "") -> String {
        let limits = "first_byte_timeout: 10m, idle_timeout: 10m, total_timeout: 10m, connect_timeout: 10m"
        let more = llm.isEmpty ? "" : ", \(llm)"
        // A later key wins nothing: YAML refuses a doubled one, so the usual limits give way.
        let usual = limits.split(separator: ", ").filter { limit in
            !llm.contains(limit.prefix { $0 != ":" })
        }.joined(separator: ", ")
        return "local: { threshold: 0.5 }\nllm: { backend: \(backend), model: m, \(usual)\(more) }\n"
    }

    /// Goes on with other keys of `llm`.
    func reload(_ llm: String) throws {
        try daemon.root.write(Self.configuration("ollama", llm), to: "deploy/intentd.yaml")
        try client.call("reload")
    }

    /// What a client hears of one question.
    struct Heard {
        var result: JSON?
        var error: JSON?
        var deltas: [String] = []

        /// `llm`, `fallback:REASON`, `local:REASON` or the error's reason.
        var outcome: String {
            if let error { return error["data"]?["reason"]?.string ?? "?" }
            let route = result?["route"]?.string ?? "?"
            return route == "llm" ? route : "\(route):\(result?["reason"]?.string ?? "?")"
        }
    }

    func ask(_ text: String = doubtful, _ params: [Member] = []) throws -> Heard {
        let id = try client.begin(
            "chat",
            .object([Member("message", .string(text)), Member("stream", true)] + params)
        )
        let answer = try client.answer(id)
        var heard = Heard(result: answer["result"], error: answer["error"])
        for note in client.notifications where note.request == id {
            heard.deltas.append(note.params["text"]?.string ?? "")
        }
        return heard
    }
}
