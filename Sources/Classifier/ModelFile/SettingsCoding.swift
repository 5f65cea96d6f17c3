import Text

// Settings and calibration as strings of `__metadata__`, in a fixed order, so that equal models are equal files. A name
// is never used for another meaning: a file of an older version must be refused or read as it was meant.

extension Settings {
    var metadata: [(name: String, value: String)] { Self.entries.map { ($0.name, $0.write(self)) } }

    init(_ file: SafeTensors) throws(ModelFileError) {
        self.init()
        for entry in Self.entries {
            let isThere = entry.before == nil || file.metadata.contains { $0.name == entry.name }
            let value = isThere ? try file.setting(entry.name) : entry.before ?? ""
            guard entry.read(&self, value) else { throw .badSetting(entry.name) }
        }
        if let problem { throw .badSetting(problem) }
    }

    private static var entries: [SettingsEntry] {
        [
            .raw("casing", \.features.text.casing),
            .value("redact", \.features.text.redact),
            .value("minimum_word_length", \.features.text.minimumWordLength),
            .raw("word_rule", \.features.text.wordRule, before: .alphanumeric),
            .raw("language", \.features.text.language, before: .und),
            .range("words", \.features.words),
            .value("boundaries", \.features.boundaries),
            .range("pairs", \.features.pairs),
            .value("pair_rows", \.features.pairRows),
            .range("characters", \.features.characters),
            .raw("character_unit", \.features.characterUnit),
            .value("sublinear", \.features.sublinear),
            .auto("minimum_rows", \.features.minimumRows),
            .value("small_class", \.features.smallClass),
            .value("maximum_features", \.features.maximumFeatures),
            .value("maximum_weights", \.features.maximumWeights),
            .value("cost", \.cost),
            .value("balanced", \.balanced),
            .value("background", \.background),
            .value("bias", \.bias),
            .value("gap", \.gap),
            .value("maximum_epochs", \.maximumEpochs),
            .value("folds", \.folds),
            .value("fold_gap", \.foldGap),
            .value("fold_epochs", \.foldEpochs),
            .value("target_precision", \.targetPrecision),
            .auto("threshold_wanted", \.threshold),
            .value("in_scope_share", \.inScopeShare),
            .value("seed", \.seed),
        ]
    }
}

/// A setting, its name in the file, and how its value is written and read.
private struct SettingsEntry {
    let name: String
    /// The value to assume for files that were written before this setting existed; nil if every file has the setting.
    let before: String?
    let write: (Settings) -> String
    /// False if the text is not a value of this setting.
    let read: (inout Settings, String) -> Bool

    private init<Value>(
        _ name: String,
        _ path: WritableKeyPath<Settings, Value>,
        before: String? = nil,
        write: @escaping (Value) -> String,
        read: @escaping (String) -> Value?
    ) {
        (self.name, self.before) = (name, before)
        self.write = { write($0[keyPath: path]) }
        self.read = { settings, text in
            guard let value = read(text) else { return false }
            settings[keyPath: path] = value
            return true
        }
    }

    static func value<Value: LosslessStringConvertible>(_ name: String, _ path: WritableKeyPath<Settings, Value>)
        -> Self
    {
        Self(name, path, write: \.description, read: finite)
    }

    static func auto<Value: LosslessStringConvertible>(_ name: String, _ path: WritableKeyPath<Settings, Value?>)
        -> Self
    {
        Self(
            name,
            path,
            write: { $0?.description ?? "auto" },
            read: { $0 == "auto" ? .some(nil) : finite($0).map { $0 } }
        )
    }

    static func raw<Value: RawRepresentable<String>>(
        _ name: String,
        _ path: WritableKeyPath<Settings, Value>,
        before: Value? = nil
    ) -> Self {
        Self(name, path, before: before?.rawValue, write: \.rawValue, read: Value.init(rawValue:))
    }

    /// A range, such as "1-2", or "none".
    static func range(_ name: String, _ path: WritableKeyPath<Settings, ClosedRange<Int>?>) -> Self {
        Self(name, path, write: { $0.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "none" }) { text in
            if text == "none" { return .some(nil) }
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let low = Int(parts[0]), let high = Int(parts[1]), low <= high else { return nil }
            return low...high
        }
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
        case .estimated(let value, let coverage, let precision, let groupsMissing):
            entries.append(("threshold", "estimated"))
            entries.append(("threshold_value", String(value)))
            entries.append(("threshold_coverage", String(coverage)))
            entries.append(("threshold_precision", String(precision)))
            entries.append(("threshold_groups_missing", String(groupsMissing)))
        case .unproven(let groupsMissing):
            entries.append(("threshold", "unproven"))
            if let groupsMissing { entries.append(("threshold_groups_missing", String(groupsMissing))) }
        case .fixed(let value):
            entries.append(("threshold", "fixed"))
            entries.append(("threshold_value", String(value)))
        }
        return entries
    }

    init(_ file: SafeTensors) throws(ModelFileError) {
        temperature = try file.value("temperature")
        guard temperature > 0, (1 / temperature).isFinite else { throw .badSetting("temperature") }
        knownWords = try file.value("scope_known_words")
        knownCharacters = try file.value("scope_known_characters")
        outOfScopeCut = try file.value("out_of_scope_cut")
        switch try file.setting("threshold") {
        case "proven":
            threshold = .proven(
                value: try file.value("threshold_value"),
                coverage: try file.value("threshold_coverage"),
                precision: try file.value("threshold_precision")
            )
        case "estimated":
            threshold = .estimated(
                value: try file.value("threshold_value"),
                coverage: try file.value("threshold_coverage"),
                precision: try file.value("threshold_precision"),
                groupsMissing: try file.value("threshold_groups_missing")
            )
        case "unproven":
            // Earlier versions counted rows, which says nothing.
            let isCounted = file.metadata.contains { $0.name == "threshold_groups_missing" }
            threshold = .unproven(groupsMissing: isCounted ? try file.value("threshold_groups_missing") : nil)
        case "fixed": threshold = .fixed(try file.value("threshold_value"))
        default: throw .badSetting("threshold")
        }
    }
}

extension SafeTensors {
    func value<Value: LosslessStringConvertible>(_ name: String) throws(ModelFileError) -> Value {
        guard let value: Value = finite(try setting(name)) else { throw .badSetting(name) }
        return value
    }
}

/// The value that a text stands for; nil if there is none, or if it is a number that is not finite.
private func finite<Value: LosslessStringConvertible>(_ text: String) -> Value? {
    guard let value = Value(text), (value as? any FloatingPoint)?.isFinite ?? true else { return nil }
    return value
}
