import Classifier
import Learning
import Statistics
import Text
import Wire

/// `explain`: shows why the local model classifies a text, or the text of a logged answer, as it does.
struct ExplainMethods: Sendable {
    let registry: Registry
    let feedback: FeedbackStore
    let log: ChatLog
    let dataset: Dataset
    let scarceFeatures: ScarceFeatures

    func explain(_ call: Call, _ lane: Lane) throws -> Response {
        let (serving, _) = try lane.serving.ready()
        let (text, id) = (try call.params.string("text"), try call.params.string("id"))
        guard (text == nil) != (id == nil) else {
            throw RPCError.invalidParams("Give either text or id.", field: text == nil ? "text" : "id")
        }
        let caller = call.caller.identity
        return .laterValue {
            guard let id else {
                return try await explanation(of: text ?? "", by: serving.model, serving.version, serving, to: caller)
            }
            let answer = try log.answer(id, of: caller.role == .admin ? nil : caller.uid)
            guard let logged = answer.text else {
                throw RPCError.notFound(
                    "The log keeps no texts here, so that an answer cannot be explained.",
                    field: "id"
                )
            }
            // An answer is explained by the version that gave it.
            let model =
                answer.version == serving.version
                ? serving.model : try await registry.model(answer.version).model
            return try await explanation(of: logged, by: model, answer.version, serving, answer: answer, to: caller)
        }
    }

    private func explanation(
        of text: String,
        by model: Model,
        _ version: Int,
        _ serving: ServingModel,
        answer: LoggedAnswer? = nil,
        to caller: Caller.Identity
    ) async throws -> JSON {
        // Words that only few people said are named to nobody but an admin.
        let hidden = caller.role == .admin ? nil : try await scarceFeatures.bits(of: model, version)
        let explanation = model.explain(text, hiding: hidden)
        var workspace = Workspace()
        let prediction = model.predict(text, top: 3, workspace: &workspace)
        let threshold = serving.rules.threshold(of: model)
        let route: Route
        let reason: Reason
        let doubt: Doubt?
        if let answer {
            (route, reason, doubt) = (answer.counted.route, answer.counted.reason, answer.counted.doubt)
        } else {
            // The route that `chat` would take in mode auto, without the experiment and with an LLM that answers.
            let question = Question(
                mode: .auto,
                policy: serving.policy(of: model.intents[prediction.intent]),
                confidence: prediction.confidence,
                threshold: threshold?.value,
                inScope: prediction.inScope,
                isWithheld: prediction.isWithheld,
                arm: nil
            )
            let outcome = Plan(question).outcome { $0 == .llm && !serving.rules.relays ? .llmOff : nil }
            (route, reason, doubt) = (outcome.tier.route, outcome.reason, question.doubt)
        }
        let language = model.settings.features.text.language
        let neighbours = try await neighbours(of: text, language, uid: caller.uid)
        return [
            "model": .integer(version), "intent": .string(explanation.intent),
            "confidence": JSON(explanation.confidence), "logit": JSON(explanation.logit),
            "bias": JSON(explanation.bias),
            "contributions": .array(
                explanation.contributions.map {
                    ["feature": .string($0.feature), "weight": JSON($0.weight)]
                }
            ),
            "threshold": threshold.map { JSON($0.value) } ?? .null,
            "threshold_basis": JSON(threshold?.basis.rawValue), "route": .string(route.rawValue),
            "reason": .string(reason.rawValue), "doubt": JSON(doubt?.rawValue),
            "in_scope": .bool(prediction.inScope),
            "alternatives": .array(
                workspace.ranked.map {
                    ["intent": .string(model.intents[$0.intent]), "confidence": JSON($0.confidence)]
                }
            ),
            "nearest": .array(neighbours.map(\.json)),
        ]
    }

    /// The five training texts that share most words with `text`, from the data file and the caller's own feedback.
    private func neighbours(
        of text: String,
        _ language: TextSettings.Language,
        uid: UInt32
    ) async throws -> [Neighbour] {
        await dataset.areRowsRead()
        let own = try await feedback.list(uid: uid, state: .accepted, limit: 1_000, before: nil).items
            .compactMap { item in item.intent.map { DataRow(text: item.text, intent: $0) } }
        return Neighbour.nearest(to: text, in: dataset.rows + own, language: language, count: 5)
    }
}

/// A training text and its similarity to another text.
struct Neighbour: Sendable, Equatable {
    var text: String
    var intent: String
    /// The Jaccard index of the two sets of words, 0…1.
    var similarity: Double

    var json: JSON { ["text": .string(text), "intent": .string(intent), "similarity": .double(similarity)] }

    static func nearest(
        to text: String,
        in rows: [DataRow],
        language: TextSettings.Language = .und,
        count: Int
    ) -> [Neighbour] {
        var key = WordKey(language: language)
        let words = Set(key(text).split(separator: " "))
        guard !words.isEmpty else { return [] }
        var best: [Neighbour] = []
        var seen: Set<String> = []
        for row in rows {
            let theirs = key(row.text)
            let others = Set(theirs.split(separator: " "))
            let shared = words.intersection(others).count
            guard shared > 0, seen.insert(theirs + "\t" + row.intent).inserted else { continue }
            let similarity = Double(shared) / Double(words.count + others.count - shared)
            if best.count == count, similarity <= best[count - 1].similarity { continue }
            let place = best.firstIndex { $0.similarity < similarity } ?? best.count
            let found = Neighbour(text: row.text, intent: row.intent, similarity: similarity.rounded(toPlaces: 4))
            best.insert(found, at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
