import Engine
import Glibc
import LanguageModel
import World

/// Makes the settings of the LLM from the configuration, `OLLAMA_API_URL`, and the credential `llm_api_key`.
struct LLMSource: Sendable {
    /// `OLLAMA_API_URL`. It wins over `llm.url`, since many have set it for other programs already.
    let url: String?
    let key: LLM.Secret?

    init(url: String? = nil, key: LLM.Secret? = nil) {
        self.url = url
        self.key = key
    }

    /// - Throws: ``CommandFailure`` for a credential that is there and cannot be read.
    init(environment: [String: String]) throws {
        url = environment["OLLAMA_API_URL"].flatMap { $0.isEmpty ? nil : Self.base($0) }
        guard let folder = environment["CREDENTIALS_DIRECTORY"] else {
            key = nil
            return
        }
        do {
            let bytes = try HostFileSystem().read(folder + "/llm_api_key")
            let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
            guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw CommandFailure(
                    message: "The credential llm_api_key must be one line of printable characters without spaces."
                )
            }
            key = LLM.Secret(String(text))
        } catch let error as FileError where error.kind == .notFound {
            key = nil
        }
    }

    /// Takes a method's path off the address, since some programs want one in it.
    private static func base(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        for path in ["/api/generate", "/api/chat", "/api"] where url.hasSuffix(path) {
            return String(url.dropLast(path.count))
        }
        return url
    }

    func settings(_ configuration: LLM.Settings) -> LLM.Settings {
        var settings = configuration
        settings.url = url ?? settings.url
        settings.key = key
        return settings
    }

    /// - Throws: ``CommandFailure`` for settings that cannot be used.
    func check(_ configuration: Configuration) throws {
        do {
            try LanguageModel.check(settings(configuration.llm))
        } catch {
            throw explained(error)
        }
    }

    /// Names the place where the wrong address stands.
    func explained(_ error: LanguageModel.InvalidSettings) -> CommandFailure {
        guard url != nil, error.message.hasPrefix("llm.url") else { return CommandFailure(message: error.message) }
        return CommandFailure(message: "OLLAMA_API_URL" + error.message.dropFirst("llm.url".count))
    }
}
