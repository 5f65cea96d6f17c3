import Classifier
import Learning
import Wire

/// `intents.list`: what the daemon can be asked about, for everybody.
struct IntentMethods: Sendable {
    let dataset: Dataset
    let feedback: FeedbackStore
    let registry: Registry
    let champion: Champion
    let moves: IntentMoves

    func list() -> Response {
        .laterValue {
            await dataset.areRowsRead()
            let said = try await feedback.acceptedByIntent()
            let rows = dataset.counts.merging(said, uniquingKeysWith: +).filter { $0.key != DataRow.outOfScope }
            let treatments = dataset.treatments
            let serving = champion.serving.model
            let removed =
                serving.map { serving in
                    Set(serving.model.classes.filter { registry.naming.current.now($0, of: serving.version) == nil })
                } ?? []
            let measured = serving.flatMap { try? registry.folder(of: $0.version).evaluation()["intents"] }
            let model = serving?.model
            let known = model.map { model in
                Dictionary(model.intents.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            }
            let names = Set(rows.keys).union(treatments.names)
                .union(known?.keys.filter { !removed.contains($0) } ?? [])
            return [
                "intents": .array(
                    names.sorted().map { name in
                        let place = known?[name]
                        let counted = model.flatMap { $0.groups.isEmpty ? nil : $0.groups }
                        let groups = place.flatMap { counted?[$0] }
                        let isWithheld = place.flatMap { model?.withheld[$0] } ?? false
                        let treatment = treatments[name]
                        return [
                            "intent": .string(name), "rows": .integer(rows[name] ?? 0),
                            "recall": measured?[place.flatMap { model?.classes[$0] } ?? name]?["recall"] ?? .null,
                            "policy": .string((treatment.policy ?? .auto).rawValue),
                            "has_responses": .bool(treatment.hasResponses),
                            "summary": JSON(treatment.summary.flatMap { $0.isEmpty ? nil : $0 }),
                            "groups": JSON(groups),
                            "missing": .integer(
                                isWithheld ? max(1, LessonWork.fewestGroups - (groups ?? 0)) : 0
                            ),
                        ]
                    }
                )
            ]
        }
    }
}
