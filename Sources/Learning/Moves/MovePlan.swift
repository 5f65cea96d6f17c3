package import Wire

/// The changes that a move will make to the files.
package struct MovePlan: Sendable, Equatable {
    package struct File: Sendable, Equatable {
        /// Such as `intents.csv`.
        package var name: String
        /// SHA-256 of the content, in lower-case hexadecimal.
        package var before: String
        package var after: String

        package init(name: String, before: String, after: String) {
            (self.name, self.before, self.after) = (name, before, after)
        }
    }

    /// The files that change, in the order in which they are replaced.
    package var files: [File] = []
    /// Rows of the data file that change or go; of templates where there is no data file.
    package var rows = 0
    /// Blocks of `intents.yaml` and `responses.yaml` that change or go and hold responses.
    package var responses = 0
    /// Cases of `golden.csv` and `behaviour.yaml` that change or go.
    package var cases = 0

    package init() {}
}

extension [MovePlan.File] {
    package var json: JSON {
        .array(map { ["name": .string($0.name), "before": .string($0.before), "after": .string($0.after)] })
    }

    /// nil if it was not made by ``json``.
    package init?(json: JSON) {
        guard let elements = json.array else { return nil }
        self = []
        for element in elements {
            guard let name = element["name"]?.string, let before = element["before"]?.string,
                let after = element["after"]?.string, MovedFile(rawValue: name) != nil
            else { return nil }
            append(MovePlan.File(name: name, before: before, after: after))
        }
    }
}

/// The files that name intents, in the order in which a move replaces them.
enum MovedFile: String, CaseIterable {
    case data = "intents.csv"
    case intents = "intents.yaml"
    case responses = "responses.yaml"
    case golden = "golden.csv"
    case behaviour = "behaviour.yaml"
}
