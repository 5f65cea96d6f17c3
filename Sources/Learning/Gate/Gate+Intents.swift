import Classifier

extension Gate {
    /// An intent that the champion knows and the challenger does not is gone. Nobody is asked about it any more in the test
    /// rows, so that no other check would find it missing.
    func checkIntents(of challenger: Model, beside champion: Model, _ verdict: inout Verdict) {
        let known = Set(challenger.intents)
        let gone = champion.intents.filter { !known.contains($0) && taught?.contains($0) ?? true }
        let named = Set(golden.rows.map(\.intent)).union(behaviour.behaviour.intents)
        let missed = gone.filter(named.contains)
        verdict.checks.append(
            Check(
                name: "intents_gone",
                outcome: !missed.isEmpty ? .fail : gone.isEmpty ? .pass : .borderline,
                unit: .count,
                value: Double(gone.count),
                limit: 0,
                message: Self.message(gone: gone, missed: missed)
            )
        )
    }

    private static func message(gone: [String], missed: [String]) -> String {
        guard !gone.isEmpty else { return "Every intent of the champion is still there." }
        let verb = gone.count == 1 ? "is" : "are"
        let message = "The champion knows \(list(gone)), which \(verb) not in the data any more"
        guard !missed.isEmpty else { return message + "." }
        return message + "; golden or behaviour cases name \(list(missed))."
    }

    /// The first of them.
    private static func list(_ names: [String]) -> String {
        let shown = 10
        let more = names.count > shown ? " and \(names.count - shown) more" : ""
        return names.prefix(shown).joined(separator: ", ") + more
    }
}

extension Behaviour {
    /// Those that cases name.
    var intents: Set<String> {
        Set((must + mustNot + invariance).map(\.intent)).union(direction.map(\.intent))
    }
}
