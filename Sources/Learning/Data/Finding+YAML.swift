import Yams

extension Finding {
    /// What keeps a file from being YAML, in words and with its line.
    static func invalidYAML(_ error: any Error, lineCount: Int) -> Finding {
        let remedy =
            "Check the indentation; a sentence in a list that begins with [ or { or has \": \" in it needs quotes."
        return switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            Finding(
                .invalidYAML,
                .error,
                line: min(mark.line, lineCount),
                "This is not YAML: \(problem).",
                remedy: remedy
            )
        case .duplicatedKeysInMapping(let duplicates, let context):
            Finding(
                .repeated,
                .error,
                line: context.mark.line,
                "Stands twice in the section that begins here: \(duplicates.sorted().joined(separator: ", ")).",
                remedy: "Put both together, or rename one."
            )
        case .reader(let problem, _, _, _):
            Finding(.invalidYAML, .error, line: nil, "This is not YAML: \(problem).", remedy: remedy)
        default:
            Finding(.invalidYAML, .error, line: nil, "This is not YAML: \(error).", remedy: remedy)
        }
    }
}
