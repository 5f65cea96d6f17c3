/// One intent as its owner wrote it.
package struct IntentSource: Sendable, Equatable {
    package var name: String
    package var treatment = Treatment()
    package var templates: [SentenceTemplate] = []
    /// The line of its name in the file, from 1.
    package var line: Int

    package var policy: Policy { treatment.policy ?? .auto }
    package var summary: String { treatment.summary ?? "" }
    package var responses: [String] { treatment.responses ?? [] }
}

/// `data/intents.yaml`: the file from which training data and local answers are made.
package struct IntentsFile: Sendable {
    /// In the file's order; at least two.
    package var intents: [IntentSource]
    /// The values of each slot; at least one each.
    package var slots: [String: [String]]
    /// Sentences that belong to no intent.
    package var outOfScope: [SentenceTemplate]
    /// Words and what people write instead of them, in the order of the words.
    package var misspellings: [Misspelling]
    /// Findings that do no harm but are worth knowing, by line.
    package var warnings: [Finding]

    package struct Misspelling: Sendable, Equatable {
        package var word: String
        package var variants: [String]

        package init(word: String, variants: [String]) { (self.word, self.variants) = (word, variants) }
    }
}

/// Why `intents.yaml` or `responses.yaml` cannot be used: everything that is wrong with it, told at once.
package struct IntentsFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// By line; at least one.
    package var findings: [Finding]

    package var line: Int? { findings.first?.line }
    package var message: String { findings.first?.message ?? "The file cannot be read." }
    package var remedy: String { findings.first?.remedy ?? "Look at its first lines." }

    package var description: String { findings.map(\.description).joined(separator: "\n") }
}

extension IntentsFile {
    /// The longest name of an intent or a slot, in bytes: it stands in logs, metrics and files.
    static let maximumNameLength = IntentName.maximumLength
    /// The largest file, in bytes; a shop's file has a few thousand.
    package static let maximumSize = 4 << 20

    /// - Parameter yaml: the file's text, UTF-8.
    package init(yaml bytes: [UInt8]) throws(IntentsFileError) {
        try self.init(yaml: try Self.text(of: bytes))
    }

    static func text(of bytes: [UInt8]) throws(IntentsFileError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let line = bytes.prefix(Self.validLength(of: bytes)).count { $0 == UInt8(ascii: "\n") } + 1
            let (message, remedy) = ("The file is not valid UTF-8.", "Save it as UTF-8.")
            throw IntentsFileError(findings: [
                Finding(.badUTF8, .error, line: line, message: message, remedy: remedy)
            ])
        }
        return text
    }

    /// The number of bytes before the first that is not UTF-8.
    private static func validLength(of bytes: [UInt8]) -> Int {
        var decoder = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var length = 0
        while case .valid(let scalar) = decoder.parseScalar(from: &iterator) { length += scalar.count }
        return length
    }
}
