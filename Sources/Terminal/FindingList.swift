package import Wire

/// Findings as people read them: of a kind that comes with each intent or row the first one stands for all.
package enum FindingList {
    /// The kinds that say the same of many intents.
    private static let summarised: Set<String> = [
        "few_rows", "near_test_row", "no_test_rows", "one_group", "few_templates",
    ]

    /// A finding that is shown.
    package struct Entry: Sendable {
        package var finding: JSON
        /// The number of findings that it stands for.
        package var count: Int

        package init(finding: JSON, count: Int) { (self.finding, self.count) = (finding, count) }
    }

    /// - Parameters:
    ///   - findings: with the members `code`, `severity`, `line`, `message` and `remedy`.
    ///   - counts: the number of findings of each code, where `findings` does not have all.
    ///   - most: of each other kind this many are shown at most.
    package static func entries(_ findings: [JSON], counts: JSON? = nil, most: Int = .max) -> [Entry] {
        var seen: [String: Int] = [:]
        var entries: [Entry] = []
        let numbers = Dictionary(findings.map { ($0["code"]?.string ?? "", 1) }, uniquingKeysWith: +)
        for finding in findings {
            let code = finding["code"]?.string ?? ""
            seen[code, default: 0] += 1
            let isSummarised = summarised.contains(code)
            guard seen[code, default: 0] <= (isSummarised ? 1 : most) else { continue }
            let number = counts?[code]?.int ?? numbers[code] ?? 1
            entries.append(Entry(finding: finding, count: isSummarised ? number : 1))
        }
        return entries
    }
}
