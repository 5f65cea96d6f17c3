import World

/// One question on its way through an LLM: what it needs, and how far it has come. The task that answers it uses it, and
/// nobody else.
final class Attempt {
    let prompt: LLM.Prompt
    /// The model that is asked.
    let model: String
    let site: Site
    let relay: Relay
    let deadlines: Deadlines
    private let began = Timepiece.now
    /// The longest text in bytes. In a reply to a client it may become six times as long.
    private static let limit = 1 << 18
    private var bytes = 0
    /// Whether the question is being sent, so that silence is the LLM's.
    var isAsking = false
    /// Where its place in flight is given back; nil while it has none.
    var place: Admission?
    /// The answer as far as it is known.
    var record: LLM.Record

    init(_ prompt: LLM.Prompt, at site: Site, relay: Relay, deadlines: Deadlines) {
        (self.prompt, self.site, self.relay, self.deadlines) = (prompt, site, relay, deadlines)
        model = prompt.model ?? site.settings.model
        record = LLM.Record(backend: site.settings.backend, model: model)
    }

    var settings: LLM.Settings { site.settings }

    var hasText: Bool { record.firstTokenMilliseconds != nil }

    /// Passes text on, and waits while the reader is behind.
    ///
    /// - Throws: `LLM.Failure` if the answer becomes too long.
    func write(_ text: String) async throws(LLM.Failure) {
        bytes += text.utf8.count
        guard bytes <= Self.limit else { throw Self.tooLong("\(Self.limit) bytes of text") }
        if !hasText { record.firstTokenMilliseconds = Int((Timepiece.now - began) / .milliseconds(1)) }
        await relay.write(.text(text))
    }

    /// Gives the place in flight back, once, however often it is called.
    func leave() { place.take()?.leave() }

    static func tooLong(_ limit: String) -> LLM.Failure {
        LLM.Failure(.error("more than \(limit)"), "The LLM's answer is too long.")
    }
}
