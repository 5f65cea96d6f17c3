package import Wire
package import World

/// The result of a lesson. It is written last: where there is one, all else is there.
package struct LessonReport: Sendable, Equatable {
    /// The model's, as the version's folder records it.
    package var digest: String
    /// The snapshot's.
    package var data: String
    package var findings: [Finding]
    package var outcome: Gate.Outcome
    package var verdict: JSON
    /// Whether people's feedback is right now that it has been trained on.
    package var learned: JSON
    /// Why the champion was not compared with; nil where it was, or where there is none.
    package var championTrouble: String?

    /// The names of the checks that end in this outcome.
    package func names(of outcome: Gate.Outcome) -> [String] {
        (verdict["checks"]?.array ?? []).filter { $0["outcome"]?.string == outcome.rawValue }
            .compactMap { $0["name"]?.string }
    }
}

extension LessonReport {
    func write(to path: String, in files: any FileSystem) throws(FileError) {
        let json: JSON = [
            "digest": .string(digest), "data": .string(data), "findings": .array(findings.map(\.json)),
            "verdict": verdict, "learned": learned, "champion_trouble": JSON(championTrouble),
        ]
        try files.replace(path, with: Array(json.description.utf8))
    }

    /// Reads the report of a lesson, and holds what it says of the files beside it against them.
    package init(of lesson: Lesson, in files: any FileSystem) throws {
        guard let bytes = try? files.read(lesson.report, limit: FileLimit.data),
            let json = try? JSONParser.parse(bytes),
            let digest = json["digest"]?.string, let data = json["data"]?.string,
            let findings = json["findings"]?.array?.compactMap(Finding.init),
            let verdict = json["verdict"], let learned = json["learned"],
            let outcome = verdict["verdict"]?.string.flatMap(Gate.Outcome.init(rawValue:))
        else { throw Lesson.Damaged(path: lesson.report) }
        self.init(
            digest: digest,
            data: data,
            findings: findings,
            outcome: outcome,
            verdict: verdict,
            learned: learned,
            championTrouble: json["champion_trouble"]?.string
        )
        guard try VersionFolder(lesson.version, files: files).metadata()["digest"]?.string == digest else {
            throw VersionError.damaged("the verdict is about another model than the one beside it")
        }
        guard try Digest.hex(of: lesson.snapshot, in: files) == data else {
            throw Lesson.Damaged(path: lesson.snapshot)
        }
    }
}

extension Finding {
    package init?(_ json: JSON) {
        guard let code = json["code"]?.string.flatMap(Code.init(rawValue:)),
            let severity = json["severity"]?.string.flatMap(Severity.init(rawValue:)),
            let message = json["message"]?.string, let remedy = json["remedy"]?.string
        else { return nil }
        self.init(code, severity, line: json["line"]?.int, message: message, remedy: remedy)
    }
}
