import ArgumentParser
import Terminal
import Wire

/// An interactive chat, in which an answer can be stopped, questioned and corrected on the spot: the moment after an answer
/// is when a person knows best whether it was right, and the id that a correction needs is at hand.
struct Conversation {
    private static let commands: Facts = [
        ("/why", "explain the last answer"),
        ("/good", "it was right"),
        ("/bad", "it was wrong"),
        ("/label INTENT", "it was wrong, and this is what was meant"),
        ("/retry", "ask the last message again"),
        ("/route MODE", "who may answer from now on: auto, local or llm"),
        ("/session NAME", "go to another conversation"),
        ("/forget", "forget what was said in this one"),
        ("/help", "this list"),
        ("/quit", "leave (also Ctrl-D); Ctrl-C stops an answer"),
    ]

    private let chat: Chat
    private var session: String
    private var mode: Chat.Mode?
    private var editor = LineEditor()
    /// The id of the last message's answer.
    private var last: String?
    private var lastMessage: String?
    /// The exit code of the first failure, for scripts that pipe their lines in.
    private var failed: ExitCode?

    init(chat: Chat) {
        self.chat = chat
        session = chat.session ?? "chat-" + String(UInt64.random(in: 0 ... .max), radix: 16)
        mode = chat.mode
    }

    mutating func run(with client: inout Client) throws {
        if editor.isInteractive { tell("Ask something. /help lists the commands, Ctrl-D ends.") }
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
        if !line.isEmpty { try take(line, &client) }
        return true
    }

    private mutating func take(_ line: String, _ client: inout Client) throws(Failure) {
        guard line.hasPrefix("/") else { return try ask(line, &client) }
        let words = line.split(separator: " ", maxSplits: 1).map { String($0).trimmed }
        switch (words[0], words.count) {
        case ("/help", 1): (chat.wantsJSON ? Output.error : .standard).write(facts(Self.commands, style))
        case ("/why", 1):
            chat.show(try client.call(.explain, ["id": .string(try lastID())])) { Explanation.text($0, brief: true) }
        case ("/good", 1): try rate("up", with: &client)
        case ("/bad", 1): try rate("down", with: &client)
        case ("/label", 2): try rate("down", intent: words[1], with: &client)
        case ("/label", _): throw .usage("Name the intent that was meant: /label INTENT")
        case ("/retry", 1):
            guard let lastMessage else { throw .usage("There is no message yet; ask something first.") }
            try ask(lastMessage, &client)
        case ("/route", _):
            guard words.count == 2, let mode = Chat.Mode(rawValue: words[1]) else {
                throw .usage("Say who may answer: /route auto, /route local or /route llm")
            }
            self.mode = mode
        case ("/session", _):
            guard words.count == 2, Schema.Pattern.sessionName.matches(words[1]) else {
                throw .usage("Name the session, with \(Schema.Pattern.sessionName.words): /session NAME")
            }
            (session, last, lastMessage) = (words[1], nil, nil)
        case ("/forget", 1):
            chat.show(try client.call(.sessionsForget, ["session": .string(session)]), Session.Forget.text)
        default: throw .usage("There is no command \(line.prefix(40)); /help lists them.")
        }
    }

    private mutating func ask(_ message: String, _ client: inout Client) throws(Failure) {
        (last, lastMessage) = (nil, message)
        do throws(Failure) {
            last = try answer(message, &client)["id"]?.string
        } catch {
            guard editor.isInteractive else { throw error }
            switch error.reason {
            case "cancelled": tell("Stopped.")
            case "upstream_interrupted": throw error.suggesting("/retry asks it again")
            default: throw error
            }
        }
    }

    private func answer(_ message: String, _ client: inout Client) throws(Failure) -> JSON {
        guard editor.isInteractive else { return try chat.ask(message, mode: mode, session: session, &client) }
        return try Interrupts.caught { stop throws(Failure) in
            try chat.ask(message, mode: mode, session: session, stop: stop, &client)
        }
    }

    private func tell(_ words: String) {
        if !chat.wantsJSON { Output.standard.write(style.dim(words) + "\n") }
    }

    private func rate(_ rating: String, intent: String? = nil, with client: inout Client) throws(Failure) {
        let id = try lastID()
        let params: Parameters = ["id": .string(id), "rating": .string(rating), "intent": intent.map(JSON.string)]
        let isCorrected = rating == "up" || intent != nil
        chat.show(try client.call(.feedbackSubmit, params)) { Receipt.text($0, isCorrected: isCorrected) }
    }

    private func lastID() throws(Failure) -> String {
        guard let last else { throw .usage("There is no answer yet; ask something first.") }
        return last
    }
}
