import Learning
import Wire
import World

extension Engine {
    func diffModels(_ call: Call) throws -> Given {
        let (from, to) = (try call.params.requiredInt("from"), try call.params.requiredInt("to"))
        return .later { [self] in
            for number in [from, to] { _ = try await registered(number) }
            // Everybody may ask, and each holds two models: one after the other.
            return try await comparing.take { [self] in try await compare(from, to) }
        }
    }

    private func compare(_ from: Int, _ to: Int) async throws -> JSON {
        let rows = try source.rows(unless: nil)?.rows.filter { $0.split == .test } ?? []
        guard !rows.isEmpty else {
            throw RPCError.conflict(
                "The data has no rows of split test, so there is nothing to compare versions on.",
                hint: "mark some rows of data/intents.csv with split test"
            )
        }
        let comparison = Comparison(
            from: try await registry.model(from).model,
            to: try await registry.model(to).model,
            rows: rows
        )
        return .object([Member("from", .integer(from)), Member("to", .integer(to))] + (comparison.json.object ?? []))
    }

    /// A version whose files are there.
    ///
    /// - Throws: `RPCError` `not_found`, in words that say what became of it.
    func registered(_ number: Int) async throws -> Registry.Version {
        guard let version = try await registry.version(number) else { throw Registry.unknown(number) }
        if let time = version.collectedAt { throw Registry.unknown(number, collected: time) }
        return version
    }
}
