import Classifier
import Learning
import Text
import Wire
import World

/// `feedback.*`: what people say of answers.
struct FeedbackMethods: Sendable {
    let store: FeedbackStore
    let log: ChatLog
    let dataset: Dataset
    let champion: Champion
    let settings: Settings

    func submit(_ call: Call) throws(RPCError) -> Response {
        let params = call.params
        let (uid, role) = (call.caller.uid, call.caller.role)
        // A retry is recognised by the digest: what telemetry must not keep, the request itself would.
        let request = Digest.hex(Array(params.canonical(without: "key").utf8))
        let key = try params.string("key")
        let comment = try params.string("comment")
        let intent = try params.string("intent")
        typealias Rated = (id: String, predicted: String, rating: Rating)
        @Sendable func submit(_ text: String, intent: String?, answer: Rated? = nil) async throws -> JSON {
            let receipt = try await store.submit(
                FeedbackStore.Submission(
                    uid: uid,
                    answer: answer?.id,
                    text: text,
                    intent: intent,
                    predicted: answer?.predicted,
                    rating: answer?.rating,
                    comment: comment,
                    key: key,
                    request: request,
                    byAdmin: role == .admin,
                    state: state(for: text, role),
                    limits: role == .admin ? nil : settings.current.limits
                )
            )
            return [
                "feedback_id": .string(receipt.id), "state": .string(receipt.state.rawValue),
                "pending": .integer(receipt.pending),
            ]
        }
        if let id = try params.string("id") {
            guard let rating = try params.choice("rating", of: Rating.self) else {
                throw RPCError.invalidParams("Feedback on an answer needs rating, up or down.", field: "rating")
            }
            if params.has("new_intent") {
                throw .invalidParams("new_intent goes with a new example, not with an answer.", field: "new_intent")
            }
            if let intent { try checkKnown(intent, isNew: false) }
            let given = try params.string("text").map(kept)
            return .laterValue {
                await dataset.areRowsRead()
                if let given { try checkLength(given) }
                let answer = try log.answer(id, of: role == .admin ? nil : uid)
                guard let text = answer.text ?? given else {
                    throw RPCError.invalidParams(
                        "The log keeps no texts here; send the text along with the feedback.",
                        field: "text"
                    )
                }
                // A thumb up on an answer of the local model says that its intent was right.
                let confirmed = rating == .up && answer.counted.route == .local ? answer.counted.intent : nil
                return try await submit(text, intent: intent ?? confirmed, answer: (id, answer.counted.intent, rating))
            }
        }
        guard let text = try params.string("text"), let intent else {
            throw RPCError.invalidParams(
                "Feedback needs id and rating for an answer, or text and intent for a new example.",
                field: !params.has("text") ? "text" : "intent"
            )
        }
        if params.has("rating") {
            throw RPCError.invalidParams("rating goes with an answer's id, not with a new example.", field: "rating")
        }
        try checkKnown(intent, isNew: try params.bool("new_intent") ?? false)
        guard !text.trimmed.isEmpty else {
            throw RPCError.invalidParams("text has at least one character that is not white space.", field: "text")
        }
        let example = kept(text)
        return .laterValue {
            await dataset.areRowsRead()
            try checkLength(text)
            return try await submit(example, intent: intent)
        }
    }

    /// The most that one page of items may take.
    private static let pageBytes = 1 << 20

    func list(_ call: Call) throws -> Response {
        let params = call.params
        let uid = call.caller.ownUID
        let state = try params.choice("state", of: FeedbackState.self)
        let limit = try params.int("limit") ?? 100
        let before = try params.string("before")
        return .laterValue {
            let (items, pending) = try await store.list(uid: uid, state: state, limit: limit, before: before)
            // Long texts make a page shorter, never a line that no client may be sent; the rest comes with `before`.
            var room = Self.pageBytes
            var page: [JSON] = []
            for item in items.lazy.map(\.shown) {
                room -= item.description.utf8.count
                guard page.isEmpty || room >= 0 else { break }
                page.append(item)
            }
            return ["items": .array(page), "pending": .integer(pending)]
        }
    }

    func review(_ call: Call) throws(RPCError) -> Response {
        let params = call.params
        let id = try params.requiredString("feedback_id")
        let intent = try params.string("intent")
        let reviewer = call.caller.uid
        if try params.bool("undo") ?? false {
            if let field = ["accept", "intent"].first(where: params.has) {
                throw .invalidParams("undo takes the last decision back; \(field) makes a new one.", field: field)
            }
            return .laterValue { try await store.undoReview(id, by: reviewer).shown }
        }
        let accept = try params.requiredBool("accept")
        if let intent { try checkName(intent) }
        return .laterValue {
            await dataset.areRowsRead()
            let item = try await store.review(id, accept: accept, intent: intent, reviewer: reviewer) {
                dataset.isLocked($0)
            }
            return item.shown
        }
    }

    func revise(_ call: Call) throws -> Response {
        let params = call.params
        let id = try params.requiredString("feedback_id")
        let (intent, comment) = (try params.string("intent"), try params.string("comment"))
        guard intent != nil || comment != nil else {
            throw RPCError.invalidParams("Say what changes: intent, comment, or both.", field: "intent")
        }
        if let intent { try checkKnown(intent, isNew: false) }
        let editor = FeedbackStore.Editor(uid: call.caller.uid, isAdmin: call.caller.role == .admin)
        return .laterValue {
            await dataset.areRowsRead()
            return try await store.revise(id, intent: intent, comment: comment, by: editor) { state(for: $0, .user) }
                .shown
        }
    }

    func withdraw(_ call: Call) throws -> Response {
        let id = try call.params.requiredString("feedback_id")
        let editor = FeedbackStore.Editor(uid: call.caller.uid, isAdmin: call.caller.role == .admin)
        return .laterValue { try await store.withdraw(id, by: editor).shown }
    }

    /// Feedback keeps no more of a text than the log does. Comments are redacted whatever the log keeps.
    private func kept(_ text: String) -> String {
        settings.current.telemetry.text == .full ? text : Redactor.redact(text)
    }

    private func state(for text: String, _ role: Role) -> FeedbackState {
        if dataset.isLocked(text) { return .evaluationOnly }
        return role == .admin || settings.current.training.trustUsers ? .accepted : .pending
    }

    private func checkLength(_ text: String) throws(RPCError) {
        if WordKey.isTooLong(text) { throw .textTooLong(field: "text") }
    }

    /// A name that can be taken for another one would make an intent of its own that nobody meant.
    private func checkName(_ intent: String) throws(RPCError) {
        let names = dataset.intentNames.union(champion.serving.model?.model.intents ?? [])
        guard !names.contains(intent),
            let trouble = IntentName.personal(intent) ?? IntentName.trouble(intent, among: names.sorted())
        else { return }
        var error = RPCError.invalidParams(trouble.message, field: "intent")
        error.hint = trouble.remedy
        throw error
    }

    private func checkKnown(_ intent: String, isNew: Bool) throws(RPCError) {
        try checkName(intent)
        let isKnown =
            isNew || intent == DataRow.outOfScope || dataset.intents.contains { $0.name == intent }
            || champion.serving.model?.model.intents.contains(intent) ?? false
        if isKnown { return }
        let known = [DataRow.outOfScope] + dataset.intents.map(\.name) + (champion.serving.model?.model.intents ?? [])
        throw RPCError.notFound(
            "There is no intent \(intent.debugDescription) yet.\(Spelling.question(about: intent, in: known))",
            field: "intent",
            hint: "check the spelling, or send it as a new example with new_intent: true"
        )
    }
}

extension FeedbackItem {
    /// The item as people see it.
    fileprivate var shown: JSON {
        var item = self
        item.key = key.map(NameSeal.shown)
        item.comment = comment.map(Redactor.redact)
        return item.json
    }
}
