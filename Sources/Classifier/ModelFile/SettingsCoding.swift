import Text

// Settings and calibration as strings of `__metadata__`, in a fixed order, so that equal models are equal files. A name
// is never used for another meaning: a file of an older version must be refused or read as it was meant.

extension Settings {
    var metadata: [(name: String, value: String)] {
        [
            ("casing", features.text.casing.rawValue),
            ("redact", String(features.text.redact)),
            ("minimum_word_length", String(features.text.minimumWordLength)),
            ("words", Self.write(features.words)),
            ("boundaries", String(features.boundaries)),
            ("pairs", Self.write(features.pairs)),
            ("pair_rows", String(features.pairRows)),
            ("characters", Self.write(features.characters)),
            ("character_unit", features.characterUnit.rawValue),
            ("sublinear", String(features.sublinear)),
            ("minimum_rows", features.minimumRows.map(String.init) ?? "auto"),
            ("small_class", String(features.smallClass)),
            ("maximum_features", String(features.maximumFeatures)),
            ("maximum_weights", String(features.maximumWeights)),
            ("cost", String(cost)),
            ("balanced", String(balanced)),
            ("background", String(background)),
            ("bias", String(bias)),
            ("gap", String(gap)),
            ("maximum_epochs", String(maximumEpochs)),
            ("folds", String(folds)),
            ("fold_gap", String(foldGap)),
            ("fold_epochs", String(foldEpochs)),
            ("target_precision", String(targetPrecision)),
            ("threshold_wanted", threshold.map { String($0) } ?? "auto"),
            ("in_scope_share", String(inScopeShare)),
            ("seed", String(seed)),
        ]
    }

    init(_ file: SafeTensors) throws(ModelFileError) {
        self.init()
        guard let casing = TextSettings.Casing(rawValue: try file.setting("casing")) else {
            throw .badSetting("casing")
        }
        features.text.casing = casing
        features.text.redact = try file.bool("redact")
        features.text.minimumWordLength = try file.integer("minimum_word_length")
        features.words = try file.range("words")
        features.boundaries = try file.bool("boundaries")
        features.pairs = try file.range("pairs")
        features.pairRows = try file.integer("pair_rows")
        features.characters = try file.range("characters")
        guard let unit = FeatureSettings.CharacterUnit(rawValue: try file.setting("character_unit")) else {
            throw .badSetting("character_unit")
        }
        features.characterUnit = unit
        features.sublinear = try file.bool("sublinear")
        features.minimumRows = try file.setting("minimum_rows") == "auto" ? nil : file.integer("minimum_rows")
        features.smallClass = try file.integer("small_class")
        features.maximumFeatures = try file.integer("maximum_features")
        features.maximumWeights = try file.integer("maximum_weights")
        cost = try file.double("cost")
        balanced = try file.bool("balanced")
        background = try file.double("background")
        bias = try file.double("bias")
        gap = try file.double("gap")
        maximumEpochs = try file.integer("maximum_epochs")
        folds = try file.integer("folds")
        foldGap = try file.double("fold_gap")
        foldEpochs = try file.integer("fold_epochs")
        targetPrecision = try file.double("target_precision")
        threshold = try file.setting("threshold_wanted") == "auto" ? nil : file.double("threshold_wanted")
        inScopeShare = try file.double("in_scope_share")
        guard let seed = UInt64(try file.setting("seed")) else { throw .badSetting("seed") }
        self.seed = seed
        if let problem { throw .badSetting(problem) }
    }

    private static func write(_ range: ClosedRange<Int>?) -> String {
        range.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "none"
    }
}

extension Calibration {
    var metadata: [(name: String, value: String)] {
        var entries = [
            ("temperature", String(temperature)),
            ("scope_known_words", String(knownWords)),
            ("scope_known_characters", String(knownCharacters)),
            ("out_of_scope_cut", String(outOfScopeCut)),
        ]
        switch threshold {
        case .proven(let value, let coverage, let precision):
            entries.append(("threshold", "proven"))
            entries.append(("threshold_value", String(value)))
            entries.append(("threshold_coverage", String(coverage)))
            entries.append(("threshold_precision", String(precision)))
        case .unproven(let rowsNeeded):
            entries.append(("threshold", "unproven"))
            entries.append(("threshold_rows_needed", String(rowsNeeded)))
        case .fixed(let value):
            entries.append(("threshold", "fixed"))
            entries.append(("threshold_value", String(value)))
        }
        return entries
    }

    init(_ file: SafeTensors) throws(ModelFileError) {
        temperature = try file.float("temperature")
        guard temperature > 0, (1 / temperature).isFinite else { throw .badSetting("temperature") }
        knownWords = try file.float("scope_known_words")
        knownCharacters = try file.float("scope_known_characters")
        outOfScopeCut = try file.float("out_of_scope_cut")
        switch try file.setting("threshold") {
        case "proven":
            threshold = .proven(
                value: try file.float("threshold_value"),
                coverage: try file.double("threshold_coverage"),
                precision: try file.double("threshold_precision")
            )
        case "unproven": threshold = .unproven(rowsNeeded: try file.integer("threshold_rows_needed"))
        case "fixed": threshold = .fixed(try file.float("threshold_value"))
        default: throw .badSetting("threshold")
        }
    }
}

extension SafeTensors {
    func integer(_ name: String) throws(ModelFileError) -> Int {
        guard let value = Int(try setting(name)) else { throw .badSetting(name) }
        return value
    }

    func bool(_ name: String) throws(ModelFileError) -> Bool {
        guard let value = Bool(try setting(name)) else { throw .badSetting(name) }
        return value
    }

    func double(_ name: String) throws(ModelFileError) -> Double {
        guard let value = Double(try setting(name)), value.isFinite else { throw .badSetting(name) }
        return value
    }

    func float(_ name: String) throws(ModelFileError) -> Float {
        guard let value = Float(try setting(name)), value.isFinite else { throw .badSetting(name) }
        return value
    }

    /// Reads a range, such as "1-2", or "none".
    func range(_ name: String) throws(ModelFileError) -> ClosedRange<Int>? {
        let text = try setting(name)
        if text == "none" { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let low = Int(parts[0]), let high = Int(parts[1]), low <= high else {
            throw .badSetting(name)
        }
        return low...high
    }
}
