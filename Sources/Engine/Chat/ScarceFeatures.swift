package import Classifier
import Learning
import Synchronization
import World

/// The features of versions that few people stand behind, so that a user is not told of them.
///
/// A version that was trained before they were marked does not say it itself: of such a one a user sees only features that
/// the data file has now.
package final class ScarceFeatures: Sendable {
    private struct Made {
        var version: Int
        /// Of the data file that they were made from.
        var digest: String?
        var bits: FeatureBits
    }

    private static let mostMade = 4

    private let dataset: Dataset
    private let turn = Serial()
    private let made = Mutex<[Made]>([])

    package init(dataset: Dataset) { self.dataset = dataset }

    package func bits(of model: Model, _ version: Int) async throws -> FeatureBits {
        if let own = model.scarce { return own }
        await dataset.areRowsRead()
        if let known = known(version, dataset.rowsDigest) { return known }
        // It takes a pass over all rows, so it is done once for all who ask.
        return try await turn.take { [self] in
            let digest = dataset.rowsDigest
            if let known = known(version, digest) { return known }
            let bits = await missing(of: model)
            made.withLock { made in
                made.removeAll { $0.version == version }
                if made.count == Self.mostMade { made.removeFirst() }
                made.append(Made(version: version, digest: digest, bits: bits))
            }
            return bits
        }
    }

    /// The rows that are looked at in one turn.
    private static let piece = 256

    private func missing(of model: Model) async -> FeatureBits {
        var search = FeatureSearch(model)
        for (number, row) in dataset.rows.enumerated() {
            search.look(at: row.text)
            if number.isMultiple(of: Self.piece) { await Task.yield() }
        }
        return search.missing
    }

    private func known(_ version: Int, _ digest: String?) -> FeatureBits? {
        made.withLock { $0.first { $0.version == version && $0.digest == digest }?.bits }
    }
}
