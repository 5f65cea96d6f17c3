import Classifier
import Learning
import Statistics
import Wire

extension Engine {
    func explain(_ call: Call, _ lane: Lane) throws -> Given {
        let snapshot = try snapshot(lane)
        let (text, id) = (try call.params.string("text"), try call.params.string("id"))
        guard (text == nil) != (id == nil) else {
            throw RPCError.invalidParams("Give either text or id.", field: text == nil ? "text" : "id")
        }
        let (own, uid) = (call.caller.ownUID, call.caller.uid)
        return .later { [self] in
            guard let id else {
                return try await explanation(of: text ?? "", snapshot.model, snapshot.version, snapshot, nil, uid)
            }
            let answer = try self.answer(id, of: own)
            guard let logged = answer.text else {
                throw RPCError.notFound(
                    "The log keeps no texts here, so that an answer cannot be explained.",
                    field: "id"
                )
            }
            // An answer is explained by the version that gave it.
            let model =
                answer.version == snapshot.version
                ? snapshot.model : try await registry.model(answer.version).model
            return try await explanation(of: logged, model, answer.version, snapshot, answer, uid)
        }
    }

    private func explanation(
        of text: String,
        _ model: Model,
        _ version: Int,
        _ snapshot: Snapshot,
        _ answer: LoggedAnswer?,
        _ uid: UInt32
    ) async throws -> JSON {
        let explanation = model.explain(text)
        var workspace = Workspace()
        let prediction = model.predict(text, top: 1, workspace: &workspace)
        let threshold = snapshot.rules.threshold ?? model.threshold.value
        let route: Route
        let reason: Reason
        if let answer {
            (route, reason) = (answer.counted.route, answer.counted.reason)
        } else {
            // What `chat` would do with the text in mode auto, the experiment aside.
            let policy = snapshot.policy(of: model.intents[prediction.intent])
            let decision = Decision(
                Question(
                    mode: .auto,
                    policy: policy,
                    confidence: prediction.confidence,
                    threshold: threshold,
                    inScope: prediction.inScope,
                    arm: nil
                )
            )
            let ending = snapshot.rules.relays ? decision.ending() : decision.ending(llmFailure: .llmOff)
            (route, reason) = (ending.route, ending.reason)
        }
        let neighbours = try await neighbours(of: text, uid: uid)
        return [
            "model": .integer(version), "intent": .string(explanation.intent),
            "confidence": JSON(explanation.confidence), "logit": JSON(explanation.logit),
            "bias": JSON(explanation.bias),
            "contributions": .array(
                explanation.contributions.map {
                    ["feature": .string($0.feature), "weight": JSON($0.weight)]
                }
            ),
            "threshold": threshold.map { JSON($0) } ?? .null, "route": .string(route.rawValue),
            "reason": .string(reason.rawValue),
            "nearest": .array(
                neighbours.map {
                    ["text": .string($0.text), "intent": .string($0.intent), "similarity": .double($0.similarity)]
                }
            ),
        ]
    }

    /// The five training texts that share most words with `text`: prepared and imported rows, and one's own feedback.
    private func neighbours(of text: String, uid: UInt32) async throws -> [Neighbour] {
        await dataIsRead()
        let own = try await feedback.list(uid: uid, state: .accepted, limit: 1_000, before: nil).items
            .compactMap { item in item.intent.map { DataRow(text: item.text, intent: $0) } }
        return Neighbour.nearest(to: text, in: rows + own, count: 5)
    }
}

/// A training text and how much it has in common with another.
struct Neighbour: Sendable, Equatable {
    var text: String
    var intent: String
    /// Jaccard index of the sets of words: 0…1.
    var similarity: Double

    static func nearest(to text: String, in rows: [DataRow], count: Int) -> [Neighbour] {
        var key = WordKey()
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
            best.insert(
                Neighbour(text: row.text, intent: row.intent, similarity: similarity.rounded(toPlaces: 4)),
                at: place
            )
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
