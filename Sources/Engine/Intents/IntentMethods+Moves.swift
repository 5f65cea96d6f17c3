import Classifier
import Learning
import Wire

/// `intents.rename`, `.merge`, `.remove` and `.undo`.
extension IntentMethods {
    func rename(_ call: Call) throws -> Response {
        let (intent, to) = (try call.params.requiredString("intent"), try call.params.requiredString("to"))
        return try change(call) { names throws(RPCError) in
            try check([intent], field: "intent", among: names)
            guard [intent, DataRow.outOfScope].contains(to) || !names.contains(to) else {
                throw .conflict(
                    "There is an intent \(to.debugDescription) already.",
                    hint: "make them one: `intentctl intents merge \(intent) into \(to)`"
                )
            }
            return IntentMove(kind: .rename, sources: [intent], target: to)
        }
    }

    func merge(_ call: Call) throws -> Response {
        let to = try call.params.requiredString("to")
        let intents = try call.params.strings("intents") ?? []
        return try change(call) { names throws(RPCError) in
            try check(intents, field: "intents", among: names)
            return IntentMove(kind: .merge, sources: intents, target: to)
        }
    }

    func remove(_ call: Call) throws -> Response {
        let intent = try call.params.requiredString("intent")
        return try change(call) { names throws(RPCError) in
            try check([intent], field: "intent", among: names)
            return IntentMove(kind: .remove, sources: [intent], target: nil)
        }
    }

    func undo(_ call: Call) throws -> Response {
        let (move, reason) = (try call.params.requiredString("move"), try call.params.requiredString("reason"))
        let uid = call.caller.uid
        return .laterValue {
            // In a task of its own: it runs to its end, also when the caller has gone.
            try await Task { try await moves.undo(move, uid: uid, reason: reason) }.value.json
        }
    }

    /// - Parameter move: makes the move of the names that are known.
    private func change(
        _ call: Call,
        _ move: @escaping @Sendable (Set<String>) throws(RPCError) -> IntentMove
    ) throws -> Response {
        let (reason, uid) = (try call.params.requiredString("reason"), call.caller.uid)
        return .laterValue {
            await dataset.areRowsRead()
            let said = try await feedback.acceptedByIntent().keys
            let known = dataset.intentNames.union(dataset.treatments.names).union(said)
            let move = try move(known.union(champion.serving.model?.model.intents ?? []))
            return try await Task { try await moves.run(move, uid: uid, reason: reason) }.value.json
        }
    }

    private func check(_ intents: [String], field: String, among names: Set<String>) throws(RPCError) {
        for intent in intents {
            guard names.contains(intent) || intent == DataRow.outOfScope else {
                let question = Spelling.question(about: intent, in: names.sorted())
                throw .notFound(
                    "There is no intent \(intent.debugDescription).\(question)",
                    field: field,
                    hint: "`intentctl intents` lists them"
                )
            }
        }
    }
}

extension IntentMoves.Outcome {
    var json: JSON {
        [
            "move": .string(move), "rows": .integer(plan.rows), "responses": .integer(plan.responses),
            "cases": .integer(plan.cases), "feedback": .integer(feedback),
        ]
    }
}
