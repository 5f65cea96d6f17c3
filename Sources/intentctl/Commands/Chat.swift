import ArgumentParser
import Wire

struct Chat: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask something; without a message, chat.",
        discussion: """
            In a chat, /why explains the last answer, /good and /bad rate it, /label INTENT corrects it, and Ctrl-D ends.
            """
    )

    enum Mode: String, ExpressibleByArgument, CaseIterable { case auto, local, llm }

    @Argument(help: "What to ask.")
    var message: String?

    @Option(help: "Who may answer.")
    var mode: Mode?

    @Option(help: ArgumentHelp("In auto: the probability that the LLM answers.", valueName: "p"))
    var abProb: Double?

    @Option(help: ArgumentHelp("Turns of one session share memory and one arm.", valueName: "name"))
    var session: String?

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let message, message.trimmed.isEmpty { throw ValidationError("The message is empty.") }
        if let abProb, !(0...1 ~= abProb) { throw ValidationError("--ab-prob is a number from 0 to 1.") }
        if let session, !Schema.Pattern.sessionName.matches(session) {
            throw ValidationError("--session has \(Schema.Pattern.sessionName.words).")
        }
    }

    func run(with client: inout Client) throws {
        guard let message else {
            var conversation = Conversation(chat: self)
            try conversation.run(with: &client)
            return
        }
        show(try ask(message, session: session, &client), Answer.text)
    }

    func ask(_ message: String, session: String?, _ client: inout Client) throws(Failure) -> JSON {
        try client.call(
            .chat,
            parameters([
                "message": .string(message), "mode": mode.map { .string($0.rawValue) },
                "ab_prob": abProb.map(JSON.double),
                "session": session.map(JSON.string),
            ])
        )
    }
}
