import Classifier
import Learning
import Wire
import World

extension Engine {
    func submitFeedback(_ call: Call) throws -> Given {
        let params = call.params
        let (uid, role) = (call.caller.uid, call.caller.role)
        // A retry is recognised by the digest: what telemetry must not keep, the request itself would.
        let request = Digest.hex(Array(params.canonical(without: "key").utf8))
        let key = try params.string("key")
        let comment = try params.string("comment")
        let intent = try params.string("intent")
        if let id = try params.string("id") {
            guard let rating = try params.choice("rating", of: Rating.self) else {
                throw RPCError.invalidParams("Feedback on an answer needs rating, up or down.", field: "rating")
            }
            if params.has("new_intent") {
                throw RPCError.invalidParams(
                    "new_intent goes with a new example, not with an answer.",
                    field: "new_intent"
                )
            }
            if let intent { try checkKnown(intent, isNew: false) }
            let given = try params.string("text").map(kept)
            return .later { [self] in
                await dataIsRead()
                let answer = try self.answer(id, of: role == .admin ? nil : uid)
                guard let text = answer.text ?? given else {
                    throw RPCError.invalidParams(
                        "The log keeps no texts here; send the text along with the feedback.",
                        field: "text"
                    )
                }
                // A thumb up on an answer of the local model says that its intent was right.
                let confirmed = rating == .up && answer.counted.route == .local ? answer.counted.intent : nil
                return try await store(
                    FeedbackStore.Submission(
                        uid: uid,
                        answer: id,
                        text: text,
                        intent: intent ?? confirmed,
                        predicted: answer.counted.intent,
                        rating: rating,
                        comment: comment,
                        key: key,
                        request: request,
                        byAdmin: role == .admin,
                        state: state(for: text, role)
                    )
                )
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
        return .later { [self] in
            await dataIsRead()
            return try await store(
                FeedbackStore.Submission(
                    uid: uid,
                    answer: nil,
                    text: example,
                    intent: intent,
                    predicted: nil,
                    rating: nil,
                    comment: comment,
                    key: key,
                    request: request,
                    byAdmin: role == .admin,
                    state: state(for: example, role)
                )
            )
        }
    }

    /// Of one answer with items.
    private static let pageBytes = 1 << 20

    func listFeedback(_ call: Call) throws -> Given {
        let params = call.params
        let uid = call.caller.ownUID
        let state = try params.choice("state", of: FeedbackState.self)
        let limit = try params.int("limit") ?? 100
        let before = try params.string("before")
        return .later { [self] in
            let (items, pending) = try await feedback.list(uid: uid, state: state, limit: limit, before: before)
            // Long texts make a page shorter, never a line that no client may be sent; the rest comes with `before`.
            var room = Self.pageBytes
            var page: [JSON] = []
            for item in items.lazy.map(\.json) {
                room -= item.description.utf8.count
                guard page.isEmpty || room >= 0 else { break }
                page.append(item)
            }
            return ["items": .array(page), "pending": .integer(pending)]
        }
    }

    func reviewFeedback(_ call: Call) throws -> Given {
        let params = call.params
        let id = try params.requiredString("feedback_id")
        let intent = try params.string("intent")
        let reviewer = call.caller.uid
        if try params.bool("undo") ?? false {
            if let field = ["accept", "intent"].first(where: params.has) {
                throw RPCError.invalidParams(
                    "undo takes the last decision back; \(field) makes a new one.",
                    field: field
                )
            }
            return .later { [self] in
                defer { triggers.lookAgain() }
                return try await feedback.undoReview(id, by: reviewer).json
            }
        }
        let accept = try params.requiredBool("accept")
        return .later { [self] in
            await dataIsRead()
            let item = try await feedback.review(id, accept: accept, intent: intent, reviewer: reviewer) {
                [weak self] text in
                self?.isLocked(text) ?? false
            }
            triggers.lookAgain()
            return item.json
        }
    }

    func reviseFeedback(_ call: Call) throws -> Given {
        let params = call.params
        let id = try params.requiredString("feedback_id")
        let (intent, comment) = (try params.string("intent"), try params.string("comment"))
        guard intent != nil || comment != nil else {
            throw RPCError.invalidParams("Say what changes: intent, comment, or both.", field: "intent")
        }
        if let intent { try checkKnown(intent, isNew: false) }
        let editor = FeedbackStore.Editor(uid: call.caller.uid, isAdmin: call.caller.role == .admin)
        return .later { [self] in
            await dataIsRead()
            defer { triggers.lookAgain() }
            return try await feedback.revise(id, intent: intent, comment: comment, by: editor) { [weak self] text in
                self?.state(for: text, .user) ?? .pending
            }.json
        }
    }

    func withdrawFeedback(_ call: Call) throws -> Given {
        let id = try call.params.requiredString("feedback_id")
        let editor = FeedbackStore.Editor(uid: call.caller.uid, isAdmin: call.caller.role == .admin)
        return .later { [self] in
            defer { triggers.lookAgain() }
            return try await feedback.withdraw(id, by: editor).json
        }
    }

    /// The logged answer of that id.
    ///
    /// - Parameter uid: nil where everybody's answers may be seen. Another person's answer is not found, rather than
    ///   forbidden: that it exists is nobody else's business.
    func answer(_ id: String, of uid: UInt32?) throws -> LoggedAnswer {
        guard let identifier = Identifier(id), let answer = try log.find(identifier), uid == nil || answer.uid == uid
        else {
            throw RPCError.notFound("There is no answer \(id.prefix(64)) of yours in the log (any more).", field: "id")
        }
        return answer
    }

    /// Feedback keeps no more of a text than the log does.
    private func kept(_ text: String) -> String {
        configuration.telemetry.text == .full ? text : Redactor.redact(text)
    }

    private func store(_ submission: FeedbackStore.Submission) async throws -> JSON {
        let receipt = try await feedback.submit(submission)
        triggers.lookAgain()
        return [
            "feedback_id": .string(receipt.id), "state": .string(receipt.state.rawValue),
            "pending": .integer(receipt.pending),
        ]
    }

    private func state(for text: String, _ role: Role) -> FeedbackState {
        if isLocked(text) { return .evaluationOnly }
        return role == .admin || configuration.training.trustUsers ? .accepted : .pending
    }

    private func checkKnown(_ intent: String, isNew: Bool) throws(RPCError) {
        guard isNew || knownIntents.contains(intent) else {
            var error = RPCError.notFound("There is no intent \(intent.debugDescription) yet.", field: "intent")
            error.hint = "check the spelling, or send it as a new example with new_intent: true"
            throw error
        }
    }
}
