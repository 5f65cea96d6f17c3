import ArgumentParser
import Terminal
import Wire

struct Chat: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask something; without a message, chat.",
        discussion: """
            An LLM's words appear as they come. In a chat, Ctrl-C stops an answer, /why explains the last \
            one, /good and /bad rate it, /label INTENT corrects it, /retry asks again, /route chooses who answers, \
            /session NAME goes to another conversation, /forget forgets this one, Tab completes commands and intents, \
            and Ctrl-D ends. Lines that are pasted are one message; Ctrl-O begins a new line of it, and so do lines \
            between \"\"\" and \"\"\". A chat outlives a restart of the daemon.
            """
    )

    enum Mode: String, ExpressibleByArgument, CaseIterable { case auto, local, llm }

    @Argument(help: ArgumentHelp("What to ask; several words are one message.", valueName: "message"))
    var words: [String] = []

    @Option(help: "Who may answer.")
    var mode: Mode?

    @Option(help: ArgumentHelp("In auto: the probability that the LLM answers.", valueName: "p"))
    var abProb: Double?

    @Option(help: ArgumentHelp("Turns of one session share memory and one arm.", valueName: "name"))
    var session: String?

    @Option(help: ArgumentHelp("One of the LLM models that the daemon may use.", valueName: "name"))
    var model: String?

    @OptionGroup var options: GlobalOptions

    private var message: String? { words.isEmpty ? nil : words.joined(separator: " ") }

    func validate() throws {
        if let message, message.trimmed.isEmpty { throw ValidationError("The message is empty.") }
        if let abProb, !(0...1 ~= abProb) { throw ValidationError("--ab-prob must be a number from 0 to 1.") }
        if let session, !Schema.Pattern.sessionName.matches(session) {
            throw ValidationError("--session must have \(Schema.Pattern.sessionName.words).")
        }
        if let model, model.isEmpty { throw ValidationError("--model must not be empty.") }
    }

    func run(with client: inout Client) throws {
        guard let message else {
            var conversation = Conversation(chat: self)
            try conversation.run(with: &client)
            return
        }
        try ask(message, mode: mode, session: session, &client)
    }

    /// Asks and prints the answer as it comes, as JSON when it is whole.
    ///
    /// - Parameter stop: a descriptor that becomes readable when the answer is not wanted any more.
    @discardableResult
    func ask(
        _ message: String,
        mode: Mode?,
        session: String?,
        stop: Int32 = -1,
        _ client: inout Client
    ) throws(Failure) -> JSON {
        let streams = !wantsJSON
        var answer = StreamedAnswer(request: client.nextID)
        do {
            let result = try client.call(
                .chat,
                [
                    "message": .string(message), "mode": mode.map { .string($0.rawValue) },
                    "ab_prob": abProb.map(JSON.double), "session": session.map(JSON.string),
                    "model": model.map(JSON.string), "stream": streams ? true : nil,
                ],
                stop: stop
            ) { notification throws(Failure) in if streams { try answer.hear(notification) } }
            if wantsJSON { show(result) { _ in "" } } else { answer.finish(result) }
            return result
        } catch {
            if !wantsJSON { answer.fail(error) }
            if case .unreachable(let path, let why, _) = error, answer.hasWords {
                throw .unreachable(path: path, why: why, isMidway: true)
            }
            throw error
        }
    }
}
