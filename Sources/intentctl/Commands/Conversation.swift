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
        ("\"\"\"", "begin and end a message of several lines; Ctrl-O begins a new line"),
    ]

    /// The commands without what stands after them.
    static let names = commands.map { String($0.name.prefix { $0 != " " }) }.filter { $0.hasPrefix("/") }
    /// Those that a daemon must not be given twice.
    private static let unrepeatable = ["/good", "/bad", "/label"]
    /// Those that ask the daemon; the others change the tool alone.
    private static let asking = unrepeatable + ["/why", "/retry", "/forget"]

    private let chat: Chat
    private var session: String
    private var mode: Chat.Mode?
    private let words: ConversationWords
    private var editor: LineEditor
    /// The id of the last message's answer.
    private var last: String?
    private var lastMessage: String?
    /// The exit code of the first failure, for scripts that pipe their lines in.
    private var failed: ExitCode?

    init(chat: Chat) {
        self.chat = chat
        session = chat.session ?? "chat-" + String(UInt64.random(in: 0 ... .max), radix: 16)
        mode = chat.mode
        let words = ConversationWords(socket: chat.options.socket)
        self.words = words
        editor = LineEditor(completion: Completion(words: words.completions))
    }

    mutating func run(with client: inout Client) throws {
        if editor.isInteractive { tell("Ask something. /help lists the commands, Ctrl-D ends.") }
        var isOpen = true
        while isOpen {
            do throws(Failure) {
                isOpen = try turn(with: &client)
                // Nobody asks on when the answers cannot be read.
                if Output.standard.isLost { throw .outputLost }
            } catch {
                switch error {
                case .outputLost: throw error
                case .unreachable where !editor.isInteractive: throw error
                default:
                    let code = error.report(asJSON: chat.wantsJSON)
                    failed = failed ?? code
                }
            }
        }
        if let failed, !editor.isInteractive { throw failed }
    }

    /// - Returns: false at the end of the chat.
    private mutating func turn(with client: inout Client) throws(Failure) -> Bool {
        guard let line = try editor.next(prompt: "> ") else { return false }
        let text = line.text.trimmed
        if !line.isMessage, text == "/quit" || text == "/exit" { return false }
        if text.isEmpty { return true }
        guard editor.isInteractive else {
            try take(line, &client)
            return true
        }
        do throws(Failure) {
            try deliver(line, &client)
        } catch {
            switch error {
            case .unreachable, .late:
                _ = error.report(asJSON: chat.wantsJSON)
                putBack(line, "Your line was not answered")
            default: throw error
            }
        }
        return true
    }

    /// Sends a line to a daemon that may have been restarted since the last one, or go away meanwhile.
    private mutating func deliver(_ line: LineEditor.Line, _ client: inout Client) throws(Failure) {
        let text = line.text.trimmed
        let command = line.isMessage || !text.hasPrefix("/") ? nil : String(text.prefix { !$0.isWhitespace })
        if client.isOver, command.map({ Self.asking.contains($0) }) ?? true { try comeBack(to: &client, after: nil) }
        do throws(Failure) {
            return try take(line, &client)
        } catch {
            guard case .unreachable(_, _, let isMidway) = error else { throw error }
            try comeBack(to: &client, after: error)
            if isMidway { return putBack(line, "The answer broke off") }
            if let command, Self.unrepeatable.contains(command) {
                return putBack(line, "Nobody knows whether \(command) was noted")
            }
        }
        // Nothing of an answer was seen, and asking again changes nothing.
        try take(line, &client)
    }

    private func putBack(_ line: LineEditor.Line, _ why: String) {
        editor.putBack(line)
        tell("\(why); it stands at the prompt again, and Return sends it.")
    }

    /// Waits for a daemon that went away, as at its restart. Ctrl-C gives up.
    ///
    /// - Parameter failure: what was lost with the daemon; nil where nothing was asked yet.
    private func comeBack(to client: inout Client, after failure: Failure?) throws(Failure) {
        words.forget()
        try Interrupts.caught { stop throws(Failure) in
            if failure != nil { tell("The daemon went away; trying again (Ctrl-C gives up).") }
            var last = failure
            for (number, delay) in Self.delays.enumerated() {
                // Who asked nothing yet is told only when it takes a while.
                if failure == nil, number == 3 { tell("The daemon is away; trying again (Ctrl-C gives up).") }
                if number > 0 || failure != nil, Interrupts.wait(stop, milliseconds: delay), let last { throw last }
                do throws(Failure) {
                    return try client.reconnect()
                } catch {
                    guard case .unreachable = error else { throw error }
                    last = error
                }
            }
            if let last { throw last }
        }
        tell("Connected again.")
    }

    /// Milliseconds before each attempt to reach a daemon that went away; a restart takes as long as its model takes to load.
    private static let delays: [Int] = [50, 100, 200, 400, 800, 1_600] + Array(repeating: 2_000, count: 60)

    private mutating func take(_ typed: LineEditor.Line, _ client: inout Client) throws(Failure) {
        let line = typed.text.trimmed
        guard !typed.isMessage, line.hasPrefix("/") else { return try ask(typed.text, &client) }
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
