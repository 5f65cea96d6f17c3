/// Where everything lies at run time; every path is made here.
package struct Folders: Sendable, Equatable {
    package var models: String
    package var data: String
    package var logs: String

    package init(models: String, data: String, logs: String) {
        (self.models, self.data, self.logs) = (models, data, logs)
    }

    package var database: String { data + "/intentd.sqlite" }
    package var lock: String { data + "/intentd.lock" }
    package var intents: String { data + "/intents.yaml" }
    /// Responses and policies of intents whose rows come from a file of a person's own; it may be absent.
    package var responses: String { data + "/responses.yaml" }
    package var dataFile: String { data + "/intents.csv" }
    /// Where `prepare` keeps what it knows about the data file.
    package var preparedMark: String { dataFile + ".prepared" }
    package var golden: String { data + "/golden.csv" }
    package var behaviour: String { data + "/behaviour.yaml" }
    package var snapshots: String { data + "/snapshots" }
    package var quarantine: String { data + "/quarantine" }
    package var chatLog: String { logs + "/chat_metrics.log" }
    /// A closed file of the log.
    ///
    /// - Parameter number: that of its first line.
    package func closedLog(_ number: Int) -> String { "\(logs)/chat_metrics.\(number).log" }
    /// For work under way; emptied at the start.
    package var staging: String { models + "/staging" }
    package var versions: String { models + "/versions" }
    package var aliases: String { models + "/aliases" }
    package var metadataLink: String { models + "/model_metadata.json" }

    package func snapshot(_ digest: String) -> String { "\(snapshots)/\(digest).jsonl" }

    /// Where an import puts the data file that it replaces.
    package func replacedData(_ time: Timestamp) -> String { Folders.replaced(dataFile, at: time) }

    /// Where the file at `path` goes when it is replaced.
    package static func replaced(_ path: String, at time: Timestamp) -> String {
        "\(path).replaced-\(time.rfc3339.filter { $0 != ":" })"
    }

    /// The rows of a snapshot whose label looked wrong to the training.
    package func labelErrors(_ digest: String) -> String { "\(snapshots)/\(digest).labels.jsonl" }

    /// `version` 7 lives in `versions/000007`.
    package func version(_ version: Int) -> String { versions + "/" + Folders.name(of: version) }

    /// What is to take the place of a version's files; the ledger says whether it does.
    package func next(_ version: Int) -> String { self.version(version) + Folders.nextSuffix }

    package static let nextSuffix = ".next"

    /// Where a child process builds what may become a version.
    package func staging(_ job: String) -> String { "\(staging)/\(job)" }

    package static func name(of version: Int) -> String {
        let digits = String(version)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// nil for every other name.
    package static func version(named name: String) -> Int? {
        Int(name).flatMap { 1...999_999_999 ~= $0 && Folders.name(of: $0) == name ? $0 : nil }
    }
}
