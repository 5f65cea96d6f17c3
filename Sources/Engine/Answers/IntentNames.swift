package import World

// A version knows its intents by the names that they had when it was trained, and its bytes never change. A person who
// renames an intent wants the new name at once, in answers, figures and old log lines alike. So the old name is read as
// the new one wherever a version, or a line that it wrote, is looked at. Versions that were trained afterwards know the new
// name themselves; what they call by the old name is another intent. Therefore each step holds for the versions of before
// it alone.

/// How intents have been renamed, merged and removed: what the names of earlier versions mean now.
///
///     let names = IntentNames([IntentNames.Step(sources: ["refund"], target: "money_back", through: 3, at: monday)])
///     names.now("refund", of: 3)    // "money_back"
///     names.now("refund", of: 4)    // "refund": an intent that somebody has added since
package struct IntentNames: Sendable, Equatable {
    package struct Step: Sendable, Equatable {
        package var sources: [String]
        /// nil if the intents were removed.
        package var target: String?
        /// The newest version at that time.
        package var through: Int
        package var at: Timestamp

        package init(sources: [String], target: String?, through: Int, at: Timestamp) {
            (self.sources, self.target, self.through, self.at) = (sources, target, through, at)
        }
    }

    /// Oldest first.
    package let steps: [Step]

    package init(_ steps: [Step] = []) { self.steps = steps }

    /// The present name of an intent of a version; nil if it was removed.
    package func now(_ intent: String, of version: Int) -> String? { walk(intent) { version <= $0.through } }

    /// The present name of an intent that was written down at some time; nil if it was removed since.
    package func now(_ intent: String, since time: Timestamp) -> String? { walk(intent) { time < $0.at } }

    private func walk(_ intent: String, _ holds: (Step) -> Bool) -> String? {
        var name = intent
        for step in steps where holds(step) && step.sources.contains(name) {
            guard let target = step.target else { return nil }
            name = target
        }
        return name
    }

    /// The names of a version that mean something else now: their present names, nil for removed intents.
    package func changed(of version: Int) -> [String: String?] {
        var changed: [String: String?] = [:]
        for source in steps.flatMap(\.sources) {
            let name = now(source, of: version)
            if name != source { changed[source] = .some(name) }
        }
        return changed
    }
}
