import Terminal
import Wire

/// The names that feedback may give without making a new intent.
enum KnownIntents {
    /// - Returns: out of scope alone where no model serves.
    static func names(_ client: inout Client) throws(Failure) -> Set<String> {
        var names: Set<String> = ["oos"]
        do {
            if let champion = try client.call(.status).known("champion") {
                let version = try client.call(.modelsShow, ["version": champion])
                names.formUnion((version["metadata"]?["intents"]?.array ?? []).compactMap(\.string))
            }
        } catch .refused {
            // No model serves, so every name is a new one.
        }
        return names
    }
}
