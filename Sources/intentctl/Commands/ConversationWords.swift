import Wire

/// The words that Tab can complete in a conversation: its commands, and after them their arguments.
final class ConversationWords {
    private let socket: String?
    private var intents: [String]?

    /// - Parameter socket: what `--socket` says.
    init(socket: String?) { self.socket = socket }

    /// Asks for the intents again when they are needed next: another daemon may know others.
    func forget() { intents = nil }

    /// The words that could stand at the end of a line that begins so.
    func completions(_ line: String) -> [String] {
        guard line.hasPrefix("/") else { return [] }
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count > 1 else { return Conversation.names.sorted() }
        guard words.count == 2 else { return [] }
        switch words[0] {
        case "/label": return knownIntents()
        case "/route": return Chat.Mode.allCases.map(\.rawValue).sorted()
        default: return []
        }
    }

    /// The intents are asked for at the first Tab that needs them, on a connection of its own: the conversation's may have
    /// an answer under way.
    private func knownIntents() -> [String] {
        if let intents { return intents }
        do {
            // Nobody waits long for a Tab.
            var client = try Client(socket: SocketPath.find(socket), limit: Timeout(milliseconds: 2_000))
            let names = try KnownIntents.names(&client).sorted()
            intents = names
            return names
        } catch {
            return []
        }
    }
}
