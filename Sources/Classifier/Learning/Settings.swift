package import Text

/// All settings that, together with the rows, decide the model. The model file holds them.
package struct Settings: Sendable, Equatable {
    package var features = FeatureSettings()
    /// The inverse strength of the L2 penalty for a row of weight 1; above 0.
    package var cost: Double
    /// Whether the weights of each class's rows are multiplied by n / (K · n_k), so that rare classes count as much as
    /// frequent ones.
    package var balanced = true
    /// The cost of an out-of-scope training row as a share of `cost`; 0 leaves such rows out. They form no class: their
    /// target is to be equally unlike every class, as in outlier exposure (Hendrycks et al. 2019, arXiv 1812.04606).
    package var background: Double
    /// The value of the bias feature, whose weights are penalised like all others; 0 for no bias.
    package var bias: Double = 1
    /// The relative duality gap, between 0 and 1, at which the final fit stops.
    package var gap: Double
    package var maximumEpochs: Int
    /// The number of folds for calibration, 2…20. One fit for each is made on the rows of the other folds.
    package var folds = 5
    /// The gap at which these fits stop, which may be larger than that of the final fit.
    package var foldGap = 0.05
    package var foldEpochs = 8
    /// The precision that locally given answers must have, between 0 and 1.
    package var targetPrecision: Double
    /// A fixed threshold for the calibrated confidence, 0…1; nil for one that is proven.
    package var threshold: Double?
    /// The share of in-scope calibration rows that `outOfScopeCut` leaves in scope, between 0 and 1.
    package var inScopeShare = 0.95
    package var seed: UInt64

    package init(
        cost: Double = 50,
        background: Double = 0.3,
        gap: Double = 0.001,
        maximumEpochs: Int = 60,
        targetPrecision: Double = 0.95,
        threshold: Double? = nil,
        language: TextSettings.Language = .und,
        seed: UInt64 = 1
    ) {
        features.text.language = language
        (self.cost, self.background, self.gap, self.maximumEpochs) = (cost, background, gap, maximumEpochs)
        (self.targetPrecision, self.threshold, self.seed) = (targetPrecision, threshold, seed)
    }

    /// The first problem of these settings, in words; nil if there is none.
    package var problem: String? {
        let checks: [(Bool, String)] = [
            (cost.isFinite && cost > 0, "cost must be above 0"),
            (background.isFinite && background >= 0, "background must be 0 or more"),
            (bias.isFinite && bias >= 0, "bias must be 0 or more"),
            (gap > 0 && gap < 1, "gap must lie between 0 and 1"),
            (foldGap > 0 && foldGap < 1, "fold_gap must lie between 0 and 1"),
            (maximumEpochs >= 1 && foldEpochs >= 1, "epochs must be 1 or more"),
            ((2...20).contains(folds), "folds must be 2…20"),
            (targetPrecision > 0 && targetPrecision < 1, "target_precision must lie between 0 and 1"),
            (inScopeShare > 0 && inScopeShare < 1, "in_scope_share must lie between 0 and 1"),
            (threshold.map { (0...1).contains($0) } ?? true, "threshold must be 0…1"),
            (features.words.map { (1...8).contains($0.lowerBound) && $0.upperBound <= 8 } ?? true, "words must be 1…8"),
            (
                features.characters.map { (1...16).contains($0.lowerBound) && $0.upperBound <= 16 } ?? true,
                "characters must be 1…16"
            ),
            (features.pairs.map { $0.lowerBound >= 1 && $0.upperBound <= 64 } ?? true, "pairs must be 1…64"),
            (features.pairs == nil || features.words != nil, "pairs need words"),
            (features.words != nil || features.characters != nil, "words or characters must be there"),
            ((1...20).contains(features.text.minimumWordLength), "minimum_word_length must be 1…20"),
            (features.minimumRows.map { $0 >= 1 } ?? true, "minimum_rows must be 1 or more"),
            (features.pairRows >= 1, "pair_rows must be 1 or more"),
            (features.smallClass >= 0, "small_class must be 0 or more"),
            (features.maximumWeights >= 1, "maximum_weights must be 1 or more"),
            ((1...1 << 24).contains(features.maximumFeatures), "maximum_features must be 1…16777216"),
        ]
        return checks.first { !$0.0 }?.1
    }
}
