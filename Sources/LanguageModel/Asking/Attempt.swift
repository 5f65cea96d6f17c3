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
    /// When the question was sent, so that silence is the LLM's; nil before.
    var asked: Duration?
    /// Whether any byte came after the head, be it only a sign of life.
    var isAlive = false
    /// Whether the answer has begun, be it with thinking.
    var hasBegun = false
    /// Takes the thinking out of what is passed on.
    var filter = ThoughtFilter()
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

    /// Passes on what the filter lets through, and waits while the reader is behind.
    ///
    /// - Throws: `LLM.Failure` if the answer becomes too long, or if what was passed on turns out to be thinking.
    func write(unfiltered text: String) async throws(LLM.Failure) {
        let shown = filter.take(text)
        guard !filter.hasLeaked else {
            // The next answers of this model wait for the end of their thinking.
            site.note(thinksAloud: true, model)
            throw LLM.Failure(.error("thinking without a beginning"), "The LLM's answer was mixed with its thinking.")
        }
        if !shown.isEmpty { try await write(shown) }
    }

    static func tooLong(_ limit: String) -> LLM.Failure {
        LLM.Failure(.error("more than \(limit)"), "The LLM's answer is too long.")
    }
}
