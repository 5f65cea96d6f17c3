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
        var workspace = Workspace()
        let prediction = model.predict(text, top: 3, workspace: &workspace)
        guard !workspace.isTooLong else { throw RPCError.textTooLong(field: "text") }
        await Task.yield()
        try Task.checkCancellation()
        // Words that only few people said are named to nobody but an admin.
        let hidden = caller.role == .admin ? nil : try await scarceFeatures.bits(of: model, version)
        let explanation = model.explain(text, hiding: hidden)
        await Task.yield()
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
        var search = NeighbourSearch(for: text, language: language, count: 5)
        var looked = 0
        for rows in [dataset.rows, own] {
            for row in rows {
                search.look(at: row)
                looked += 1
                guard looked.isMultiple(of: Self.piece) else { continue }
                await Task.yield()
                try Task.checkCancellation()
            }
        }
        return search.nearest
    }

    /// The rows that are looked at in one turn.
    private static let piece = 256
}

/// A training text and its similarity to another text.
struct Neighbour: Sendable, Equatable {
    var text: String
    var intent: String
    /// The Jaccard index of the two sets of words, 0…1.
    var similarity: Double

    var json: JSON { ["text": .string(text), "intent": .string(intent), "similarity": .double(similarity)] }
}

/// Looks for the rows that are most like a text.
struct NeighbourSearch {
    /// The best ones so far, best first.
    private(set) var nearest: [Neighbour] = []
    private let count: Int
    private let words: Set<Substring>
    private var key: WordKey
    private var seen: Set<String> = []

    init(for text: String, language: TextSettings.Language = .und, count: Int) {
        self.count = count
        key = WordKey(language: language)
        words = Set(key(text).split(separator: " "))
    }

    mutating func look(at row: DataRow) {
        guard !words.isEmpty else { return }
        let theirs = key(row.text)
        let others = Set(theirs.split(separator: " "))
        let shared = words.intersection(others).count
        guard shared > 0, seen.insert(theirs + "\t" + row.intent).inserted else { return }
        let similarity = Double(shared) / Double(words.count + others.count - shared)
        if nearest.count == count, similarity <= nearest[count - 1].similarity { return }
        let place = nearest.firstIndex { $0.similarity < similarity } ?? nearest.count
        let found = Neighbour(text: row.text, intent: row.intent, similarity: similarity.rounded(toPlaces: 4))
        nearest.insert(found, at: place)
        if nearest.count > count { nearest.removeLast() }
    }
}
