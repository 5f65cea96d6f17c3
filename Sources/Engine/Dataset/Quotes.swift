import Classifier
import Learning
import Wire

/// Decides whose sentences a caller may read: those of the data file, those that enough people have said, and one's own. An
/// admin may read all.
struct Quotes: Sendable {
    let dataset: Dataset
    let feedback: FeedbackStore

    /// The lists of a verdict whose sentences need not be of the data file. Test rows, which the others hold, always are.
    private static let lists = ["golden_missed", "behaviour_missed"]

    /// Verdicts as the caller may read them: what is not quoted is counted in `others_words`, by the list that it stood in.
    func verdicts(_ verdicts: [JSON], for caller: Caller.Identity) async throws -> [JSON] {
        guard caller.role != .admin else { return verdicts }
        let texts = verdicts.flatMap { verdict in
            Self.lists.flatMap { verdict[$0]?.array ?? [] }.compactMap { $0["text"]?.string }
        }
        let open = texts.isEmpty ? [] : try await quotable(Set(texts), for: caller.uid)
        return verdicts.map { Self.quoting(open, in: $0) }
    }

    func verdict(_ verdict: JSON, for caller: Caller.Identity) async throws -> JSON {
        try await verdicts([verdict], for: caller).first ?? .null
    }

    private static func quoting(_ open: Set<String>, in verdict: JSON) -> JSON {
        guard let members = verdict.object else { return verdict }
        var counts: [Member] = []
        let shown = members.map { member in
            if member.name == "findings", let findings = member.value.array {
                return Member(member.name, .array(findings.map(quotingNothing)))
            }
            guard lists.contains(member.name), let rows = member.value.array else { return member }
            let kept = rows.filter { $0["text"]?.string.map(open.contains) ?? false }
            if kept.count < rows.count { counts.append(Member(member.name, .integer(rows.count - kept.count))) }
            return Member(member.name, .array(kept))
        }
        return .object(shown + (counts.isEmpty ? [] : [Member("others_words", .object(counts))]))
    }

    /// A finding about golden or behaviour cases, without what it quotes of them.
    private static func quotingNothing(_ finding: JSON) -> JSON {
        guard let members = finding.object, let message = finding["message"]?.string,
            message.hasPrefix("golden.csv: ") || message.hasPrefix("behaviour.yaml: ")
        else { return finding }
        let bare = message.replacing(/"[^"]*"/, with: "\"…\"")
        return .object(members.map { $0.name == "message" ? Member($0.name, .string(bare)) : $0 })
    }

    private func quotable(_ texts: Set<String>, for uid: UInt32) async throws -> Set<String> {
        await dataset.areRowsRead()
        var open = texts.filter(dataset.isLocked)
        for row in dataset.rows where texts.contains(row.text) { open.insert(row.text) }
        let rest = texts.subtracting(open)
        guard !rest.isEmpty else { return open }
        for (text, uids) in try await feedback.speakers(of: rest)
        where uids.contains(uid) || uids.count >= Example.enoughSupport {
            open.insert(text)
        }
        return open
    }
}
