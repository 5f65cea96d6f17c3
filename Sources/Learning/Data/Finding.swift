/// Something that a person should know about a file or the data, and what to do about it.
package struct Finding: Sendable, Equatable, CustomStringConvertible {
    package enum Severity: String, Sendable {
        /// The row was left out (or, where the file is unusable, everything was).
        case error
        /// The row was kept, but is likely to do harm.
        case warning
        /// Nothing has to be done.
        case note
    }

    /// A stable name: scripts may match on it.
    package var code: String
    package var severity: Severity
    /// From 1; nil where the finding is about the whole file.
    package var line: Int?
    /// A second line that the finding is about, such as a text's first occurrence.
    package var otherLine: Int?
    package var message: String
    package var remedy: String

    package init(
        _ code: Code,
        _ severity: Severity,
        line: Int? = nil,
        otherLine: Int? = nil,
        message: String,
        remedy: String
    ) {
        (self.code, self.severity) = (code.rawValue, severity)
        (self.line, self.otherLine) = (line, otherLine)
        (self.message, self.remedy) = (message, remedy)
    }

    /// One line for a terminal or a log: `line 12: error empty_text: … → …`.
    package var description: String {
        let place = line.map { "line \($0): " } ?? ""
        return "\(place)\(severity.rawValue) \(code): \(message) → \(remedy)"
    }
}

extension Int {
    /// "1 row is", "7 rows are".
    func counted(_ one: String, _ many: String) -> String { "\(self) \(self == 1 ? one : many)" }
}

extension [Finding] {
    mutating func add(
        _ code: Finding.Code,
        _ severity: Finding.Severity,
        line: Int? = nil,
        otherLine: Int? = nil,
        message: String,
        remedy: String
    ) {
        append(Finding(code, severity, line: line, otherLine: otherLine, message: message, remedy: remedy))
    }

    /// Sorted by line; findings about the whole file come first.
    package var byLine: [Finding] { sorted { ($0.line ?? 0) < ($1.line ?? 0) } }
}

extension Finding {
    /// The codes of data files and sentence templates. None is ever renamed.
    package enum Code: String, Sendable, CaseIterable {
        // About the whole file: these make it unusable.
        case notText = "not_text"
        case noHeader = "no_header"
        case duplicateColumn = "duplicate_column"
        case noRows = "no_rows"
        case oneIntent = "one_intent"

        // About the file, which stays usable.
        case byteOrderMark = "byte_order_mark"
        case unknownColumn = "unknown_column"
        case guessedEncoding = "guessed_encoding"
        case delimiter
        case mappedColumns = "mapped_columns"
        case blankRows = "blank_rows"
        case repeatedHeader = "repeated_header"
        case fewRows = "few_rows"
        case intentWithheld = "intent_withheld"
        case noTrainRows = "no_train_rows"
        case oneGroup = "one_group"

        // About one row, which is left out.
        case badUTF8 = "bad_utf8"
        case fieldCount = "field_count"
        case unterminatedQuote = "unterminated_quote"
        case strayQuote = "stray_quote"
        case badJSON = "bad_json"
        case wrongType = "wrong_type"
        case emptyText = "empty_text"
        case textTooLong = "text_too_long"
        case emptyIntent = "empty_intent"
        case badIntent = "bad_intent"
        case unknownSplit = "unknown_split"
        case badWeight = "bad_weight"
        case reservedIntent = "reserved_intent"
        case similarIntent = "similar_intent"

        // About one row, which is kept.
        case controlCharacter = "control_character"
        case duplicate
        case duplicateAcrossSplits = "duplicate_across_splits"
        case conflictingIntents = "conflicting_intents"

        // About sentence templates.
        case invalidYAML = "invalid_yaml"
        case invalidTemplate = "invalid_template"
        case unknownKey = "unknown_key"
        case missingKey = "missing_key"
        case badValue = "bad_value"
        case unknownSlot = "unknown_slot"
        case unusedSlot = "unused_slot"
        case repeated
        case fewTemplates = "few_templates"
        case fewSentences = "few_sentences"

        // About responses and policies.
        case overridden
        case noResponse = "no_response"
        case responsesUnknownIntent = "responses_unknown_intent"

        // About what a version is trained on and judged by.
        case equalsTestRow = "equals_test_row"
        case conflictSettled = "conflict_settled"
        case unreviewedConflict = "unreviewed_conflict"
        case shareCapped = "share_capped"
        case unreviewedCapped = "unreviewed_capped"
        case nearTestRow = "near_test_row"
        case mostInConflict = "most_in_conflict"
        case feedbackBurst = "feedback_burst"
        case noTestRows = "no_test_rows"
        case promiseBroken = "promise_broken"
        case lowRecall = "low_recall"
        case noOutOfScopeRows = "no_oos_rows"
        case rowsLeftOut = "rows_left_out"
        case rareFeaturesLeftOut = "rare_features_left_out"
        case testRowsSeen = "test_rows_seen"
        case fewTestRows = "few_test_rows"
        case goldenUnknownIntent = "golden_unknown_intent"
        case behaviourUnknownIntent = "behaviour_unknown_intent"
    }
}
