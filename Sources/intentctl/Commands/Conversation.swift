import ArgumentParser
import Wire

/// An interactive chat, in which an answer can be questioned and corrected on the spot.
struct Conversation {
    private static let commands: [(name: String, value: String)] = [
        ("/why", "explain the last answer"),
        ("/good", "it was right"),
        ("/bad", "it was wrong"),
        ("/label INTENT", "it was wrong, and this is what was meant"),
        ("/help", "this list"),
        ("/quit", "leave (also Ctrl-D)"),
    ]

    private let chat: Chat
    private let session: String
    private var editor = LineEditor()
    private let style = Style(for: .standard)
    /// The id of the last answer.
    private var last: String?
    /// What went wrong first, for scripts that pipe their lines in.
    private var failed: ExitCode?

    init(chat: Chat) {
        self.chat = chat
        session = chat.session ?? "chat-" + String(UInt64.random(in: 0 ... .max), radix: 16)
    }

    mutating func run(with client: inout Client) throws {
        if editor.isInteractive, !chat.wantsJSON {
            Output.standard.write(style.dim("Ask something. /help lists the commands, Ctrl-D ends.") + "\n")
        }
        var isOpen = true
        while isOpen {
            do throws(Failure) {
                isOpen = try turn(with: &client)
            } catch {
                if case .unreachable = error { throw error }
                let code = error.report(asJSON: chat.wantsJSON)
                failed = failed ?? code
            }
        }
        if let failed, !editor.isInteractive { throw failed }
    }

    /// - Returns: false at the end of the chat.
    private mutating func turn(with client: inout Client) throws(Failure) -> Bool {
        guard let line = try editor.next(prompt: "> ")?.trimmed, line != "/quit", line != "/exit" else { return false }
        if !line.isEmpty { try answer(line, &client) }
        return true
    }

    private mutating func answer(_ line: String, _ client: inout Client) throws(Failure) {
        guard line.hasPrefix("/") else {
            let result = try chat.ask(line, session: session, &client)
            last = result["id"]?.string
            chat.show(result, Answer.text)
            return
        }
        let words = line.split(separator: " ", maxSplits: 1).map { String($0).trimmed }
        switch (words[0], words.count) {
        case ("/help", 1): (chat.wantsJSON ? Output.error : .standard).write(facts(Self.commands, style))
        case ("/why", 1):
            chat.show(try client.call(.explain, [Member("id", .string(try lastID()))])) {
                Explanation.text($0, brief: true)
            }
        case ("/good", 1): try rate("up", nil, &client)
        case ("/bad", 1): try rate("down", nil, &client)
        case ("/label", 2): try rate("down", words[1], &client)
        case ("/label", _): throw .usage("Name the intent that was meant: /label INTENT")
        default: throw .usage("There is no command \(line.prefix(40)); /help lists them.")
        }
    }

    private func rate(_ rating: String, _ intent: String?, _ client: inout Client) throws(Failure) {
        let id = try lastID()
        let receipt = try client.call(
            .feedbackSubmit,
            parameters(["id": .string(id), "rating": .string(rating), "intent": intent.map(JSON.string)])
        )
        chat.show(receipt) { Receipt.text($0, isCorrected: rating == "up" || intent != nil) }
    }

    private func lastID() throws(Failure) -> String {
        guard let last else { throw .usage("There is no answer yet; ask something first.") }
        return last
    }
}
