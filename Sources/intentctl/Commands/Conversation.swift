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

    /// The commands without what stands after them.
    static let names = commands.map { String($0.name.prefix { $0 != " " }) }

    private let chat: Chat
    private var session: String
    private var mode: Chat.Mode?
    private var editor: LineEditor
    /// The id of the last message's answer.
    private var last: String?
    private var lastMessage: String?
    /// The message that the daemon went away with.
    private var unanswered: String?
    /// The exit code of the first failure, for scripts that pipe their lines in.
    private var failed: ExitCode?

    init(chat: Chat) {
        self.chat = chat
        session = chat.session ?? "chat-" + String(UInt64.random(in: 0 ... .max), radix: 16)
        mode = chat.mode
        editor = LineEditor(completions: ConversationWords(socket: chat.options.socket).completions)
    }

    mutating func run(with client: inout Client) throws {
        if editor.isInteractive { tell("Ask something. /help lists the commands, Ctrl-D ends.") }
        var isOpen = true
        while isOpen {
            do throws(Failure) {
                isOpen = try turn(with: &client)
            } catch {
                if case .unreachable = error {
                    guard editor.isInteractive else { throw error }
                    do throws(Failure) {
                        try comeBack(to: &client, after: error)
                        continue
                    } catch {
                        if case .unreachable = error { throw error }
                        _ = error.report(asJSON: chat.wantsJSON)
                        continue
                    }
                }
                let code = error.report(asJSON: chat.wantsJSON)
                failed = failed ?? code
            }
        }
        if let failed, !editor.isInteractive { throw failed }
    }

    /// Waits for a daemon that went away, as at its restart, and asks the message again that it left unanswered. Ctrl-C
    /// gives up.
    private mutating func comeBack(to client: inout Client, after failure: Failure) throws(Failure) {
        tell("The daemon went away; trying again (Ctrl-C gives up).")
        try Interrupts.caught { stop throws(Failure) in
            for delay in Self.delays {
                if Interrupts.wait(stop, milliseconds: delay) { throw failure }
                do throws(Failure) {
                    return try client.reconnect()
                } catch {
                    guard case .unreachable = error else { throw error }
                }
            }
            throw failure
        }
        tell("Connected again.")
        if let unanswered { try ask(unanswered, &client) }
    }

    /// Milliseconds before each attempt to reach a daemon that went away; a restart takes as long as its model takes to load.
    private static let delays: [Int] = [50, 100, 200, 400, 800, 1_600] + Array(repeating: 2_000, count: 60)

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
        default:
            let known = Self.names
            if known.contains(words[0]) { throw .usage("\(words[0]) takes nothing after it.") }
            let meant = Spelling.nearest(to: words[0], in: known).map { "did you mean \($0)?" }
            throw .usage("There is no command \(line.prefix(40)); \(meant ?? "/help lists them.")")
        }
    }

    private mutating func ask(_ message: String, _ client: inout Client) throws(Failure) {
        (last, lastMessage) = (nil, message)
        unanswered = message
        do throws(Failure) {
            last = try answer(message, &client)["id"]?.string
            unanswered = nil
        } catch {
            if case .unreachable = error { throw error }
            unanswered = nil
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
        if !chat.wantsJSON { Output.standard.write(style.dim(words.wrapped(to: Output.standard.columns)) + "\n") }
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
