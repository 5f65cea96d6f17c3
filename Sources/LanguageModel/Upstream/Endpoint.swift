import World

/// The address of the LLM, from `http://HOST:PORT`, `https://…` or `http+unix://%2Fpath`. It is read here and not by a
/// library, since whether texts stay on this host depends on it.
struct Endpoint: Sendable, Equatable {
    /// The URL without a slash at its end.
    private(set) var base: String
    /// The name of the place in messages.
    let name: String
    /// Whether it is on this machine, so that text sent there stays here.
    let isLocal: Bool
    /// The `Host` to send if it is not that of the URL: Ollama refuses names that are not its own, and a Unix socket has
    /// none.
    let hostHeader: String?

    init(
        _ url: String,
        backend: LLM.Backend,
        thisHost: ThisHost = .current
    ) throws(LanguageModel.InvalidSettings) {
        let url = Self.withLowerScheme(url)
        let schemes = ["http://", "https://", "http+unix://"]
        guard let scheme = schemes.first(where: { url.hasPrefix($0) }) else {
            throw Self.invalid("must begin with http://, https:// or http+unix://")
        }
        guard !url.contains(where: { $0 == "?" || $0 == "#" || $0 == "@" || $0.isWhitespace }) else {
            throw Self.invalid("must have neither user, query, fragment nor space; a key is a credential of its own")
        }
        var base = url
        while base.hasSuffix("/"), base.count > scheme.count { base.removeLast() }
        if backend == .openai, base.hasSuffix("/v1") { base.removeLast(3) }
        let authority = String(base.dropFirst(scheme.count).prefix { $0 != "/" })
        guard !authority.isEmpty else { throw Self.invalid("names no host") }
        self.base = base
        if scheme == "http+unix://" {
            guard authority.lowercased().hasPrefix("%2f") else {
                throw Self.invalid("needs the absolute path of a socket with %2F for each slash")
            }
            (name, isLocal, hostHeader) = (Self.unescaped(authority), true, "localhost")
            return
        }
        let (host, port) = try Self.split(authority)
        name = authority
        if let address = Self.ownAddress(host, thisHost) {
            isLocal = true
            // A certificate is for a name, so that a name stays where there is one.
            if address != host, scheme == "http://" || host == "0.0.0.0" || host == "[::]" {
                let rest = base.dropFirst(scheme.count + authority.count)
                self.base = scheme + address + (port.map { ":\($0)" } ?? "") + rest
            }
        } else {
            isLocal = false
        }
        hostHeader = isLocal && scheme == "http://" ? "localhost\(port.map { ":\($0)" } ?? "")" : nil
    }

    private static func invalid(_ problem: String) -> LanguageModel.InvalidSettings {
        LanguageModel.InvalidSettings(message: "llm.url \(problem), as in http://127.0.0.1:11434")
    }

    private static func split(_ authority: String) throws(LanguageModel.InvalidSettings) -> (host: String, port: Int?) {
        var (host, rest) = (authority, "")
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = String(authority[...end])
            rest = String(authority[authority.index(after: end)...])
        } else if let colon = authority.firstIndex(of: ":") {
            host = String(authority[..<colon])
            rest = String(authority[colon...])
        }
        guard !host.isEmpty else { throw invalid("names no host") }
        if rest.isEmpty { return (host, nil) }
        guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), 1...65_535 ~= port else {
            throw invalid("needs a port between 1 and 65535")
        }
        return (host, port)
    }

    /// The host as it is connected to, if it is this machine.
    private static func ownAddress(_ host: String, _ thisHost: ThisHost) -> String? {
        switch host.lowercased() {
        case "localhost", "[::1]": return host
        // Servers say so if they listen everywhere, and many copy that as the address.
        case "0.0.0.0": return "127.0.0.1"
        case "[::]": return "[::1]"
        default: break
        }
        if host.isIPv4, host.hasPrefix("127.") { return host }
        return thisHost.address(of: host).map { $0.contains(":") ? "[\($0)]" : $0 }
    }

    private static func withLowerScheme(_ url: String) -> String {
        guard let end = url.firstRange(of: "://")?.lowerBound else { return url }
        return url[..<end].lowercased() + url[end...]
    }

    private static func unescaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
