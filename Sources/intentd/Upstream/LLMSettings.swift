import Engine
import LanguageModel
import Terminal
import Wire
import World

/// Makes the settings of the LLM from the configuration, `OLLAMA_API_URL`, and the credential `llm_api_key`.
struct LLMSource: Sendable {
    /// `OLLAMA_API_URL`. It wins over `llm.url`, since many have set it for other programs already.
    let url: String?
    private(set) var key: LLM.Secret?

    /// - Throws: ``CommandFailure`` for a credential that is there and cannot be read.
    init() throws {
        url = environment("OLLAMA_API_URL").flatMap { $0.trimmed.isEmpty ? nil : Self.base($0) }
        guard let folder = environment("CREDENTIALS_DIRECTORY") else { return }
        do {
            let bytes = try HostFileSystem().read(folder + "/llm_api_key", limit: FileLimit.configuration)
            let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
            guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw CommandFailure(
                    message: "The credential llm_api_key must be one line of printable characters without spaces."
                )
            }
            key = LLM.Secret(String(text))
        } catch let error as FileError where error.kind == .notFound {
            // There is no key.
        }
    }

    /// Makes a URL of what Ollama and its clients take for an address: the scheme may be missing, then the port too, and
    /// some want a method's path in it.
    static func base(_ text: String) -> String {
        var url = text.trimmed
        if !url.contains("://") { url = "http://" + withPort(url) }
        while url.hasSuffix("/") { url.removeLast() }
        for path in ["/api/generate", "/api/chat", "/api"] where url.hasSuffix(path) {
            return String(url.dropLast(path.count))
        }
        return url
    }

    /// Adds what is missing of `HOST:PORT/PATH`, as Ollama does.
    private static func withPort(_ text: String) -> String {
        var host = String(text.prefix { $0 != "/" })
        let path = text.dropFirst(host.count)
        if host.first == ":" { host = "127.0.0.1" + host }
        // A bare address of IPv6 has colons of its own.
        if host.first != "[", host.filter({ $0 == ":" }).count > 1 { host = "[\(host)]" }
        let hasPort = host.last != "]" && host.contains(":")
        return host + (hasPort || host.isEmpty ? "" : ":11434") + path
    }

    /// The configuration's settings with ours.
    ///
    /// - Throws: ``CommandFailure`` for settings that cannot be used. It names the place where a wrong address stands.
    func settings(_ configuration: Configuration) throws -> LLM.Settings {
        var settings = configuration.llm
        settings.url = url ?? settings.url
        settings.key = key
        do {
            try LanguageModel.check(settings)
        } catch {
            guard url != nil, error.message.hasPrefix("llm.url") else { throw CommandFailure(message: error.message) }
            throw CommandFailure(message: "OLLAMA_API_URL" + error.message.dropFirst("llm.url".count))
        }
        return settings
    }
}
