import Wire
package import World

/// What one retraining is to learn and whom it must not be worse than: all that a process needs to know that has neither
/// the ledger nor a model. It travels as a file, in a folder of its own, where the answer is left too.
package struct Lesson: Sendable, Equatable {
    /// Who answers now, and what it was trained on.
    package struct Champion: Sendable, Equatable {
        package var version: Int
        package var digest: String
        package var folder: String
        package var snapshot: String
        /// The names of its intents that mean something else now: their present names, nil for removed ones.
        package var names: [String: String?]

        package init(
            version: Int,
            digest: String,
            folder: String,
            snapshot: String,
            names: [String: String?] = [:]
        ) {
            self.version = version
            self.digest = digest
            self.folder = folder
            self.snapshot = snapshot
            self.names = names
        }

        /// The present name of one of its intents; nil if that was removed.
        package func now(_ intent: String) -> String? { names[intent] ?? intent }
    }

    /// Of this lesson alone; whoever gives it removes it.
    package var work: String
    /// Where `intents.yaml`, the data file, golden and behaviour cases lie.
    package var data: String
    package var rules: TrainingData.Rules
    /// What a threshold for local answers must be proven to reach.
    package var targetPrecision: Double
    package var feedback: [FeedbackItem]
    package var champion: Champion?

    package init(
        work: String,
        data: String,
        rules: TrainingData.Rules,
        targetPrecision: Double,
        feedback: [FeedbackItem],
        champion: Champion?
    ) {
        self.work = work
        self.data = data
        self.rules = rules
        self.targetPrecision = targetPrecision
        self.feedback = feedback
        self.champion = champion
    }

    package var file: String { Self.file(in: work) }
    package var snapshot: String { work + "/snapshot.jsonl" }
    package var labelErrors: String { work + "/labels.jsonl" }
    package var version: String { work + "/version" }
    package var report: String { work + "/report.json" }

    package static func file(in work: String) -> String { work + "/lesson.json" }

    package struct Damaged: Error, Sendable, Equatable, CustomStringConvertible {
        package var path: String
        package var description: String { "\(path) is missing or is not what this intentd writes" }
    }
}

// As a file: of what people said, only what training looks at.
extension Lesson {
    package func write(to files: any FileSystem) throws(FileError) {
        try files.replace(file, with: Array(json.description.utf8))
    }

    package init(_ path: String, in files: any FileSystem) throws(Damaged) {
        guard let bytes = try? files.read(path, limit: FileLimit.data), let json = try? JSONParser.parse(bytes),
            let lesson = Lesson(json)
        else {
            throw Damaged(path: path)
        }
        self = lesson
    }

    private var json: JSON {
        [
            "work": .string(work), "data": .string(data), "rules": rules.json,
            "target_precision": .double(targetPrecision),
            "feedback": .array(
                feedback.map { item in
                    [
                        "id": .string(item.id), "at": .string(item.at.rfc3339), "uid": .integer(Int(item.uid)),
                        "text": .string(item.text), "intent": JSON(item.intent), "by_admin": .bool(item.byAdmin),
                        "reviewer": JSON(item.reviewer.map { Int($0) }),
                    ]
                }
            ),
            "champion": champion.map { champion in
                [
                    "version": .integer(champion.version), "digest": .string(champion.digest),
                    "folder": .string(champion.folder), "snapshot": .string(champion.snapshot),
                    "names": .object(
                        champion.names.sorted { $0.key < $1.key }.map { Member($0.key, JSON($0.value)) }
                    ),
                ]
            } ?? .null,
        ]
    }

    private init?(_ json: JSON) {
        guard let work = json["work"]?.string, let data = json["data"]?.string,
            let rules = json["rules"].flatMap(TrainingData.Rules.init),
            let targetPrecision = json["target_precision"]?.double, let said = json["feedback"]?.array,
            let champion = json["champion"]
        else { return nil }
        let feedback = said.compactMap(FeedbackItem.init(said:))
        guard feedback.count == said.count, champion.isNull || Champion(champion) != nil else { return nil }
        self.init(
            work: work,
            data: data,
            rules: rules,
            targetPrecision: targetPrecision,
            feedback: feedback,
            champion: Champion(champion)
        )
    }
}

extension Lesson.Champion {
    fileprivate init?(_ json: JSON) {
        guard let version = json["version"]?.int, let digest = json["digest"]?.string,
            let folder = json["folder"]?.string, let snapshot = json["snapshot"]?.string,
            let renamed = json["names"]?.object
        else { return nil }
        var names: [String: String?] = [:]
        for member in renamed { names[member.name] = .some(member.value.string) }
        self.init(version: version, digest: digest, folder: folder, snapshot: snapshot, names: names)
    }
}

extension FeedbackItem {
    fileprivate init?(said json: JSON) {
        guard let id = json["id"]?.string, let at = json["at"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let uid = json["uid"]?.int.flatMap(UInt32.init(exactly:)), let text = json["text"]?.string,
            let byAdmin = json["by_admin"]?.bool
        else { return nil }
        self.init(
            id: id,
            at: at,
            uid: uid,
            answer: nil,
            text: text,
            intent: json["intent"]?.string,
            predicted: nil,
            rating: nil,
            comment: nil,
            state: .accepted,
            key: nil,
            request: "",
            byAdmin: byAdmin,
            reviewer: json["reviewer"]?.int.flatMap(UInt32.init(exactly:))
        )
    }
}
