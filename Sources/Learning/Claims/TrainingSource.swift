package import Wire
package import World

/// The training data of a host: `intents.yaml`, the data file that is made from it or brought in, and the snapshots.
package struct TrainingSource: Sendable {
    private let files: any FileSystem
    private let folders: Folders

    package init(files: any FileSystem, folders: Folders) { (self.files, self.folders) = (files, folders) }

    package enum Failure: Error, Sendable, CustomStringConvertible {
        case noData(String)
        case unusable(String, [Finding])
        /// The data file is a person's own and is not overwritten.
        case theirs(String)
        case intents(String)
        /// The checks stop a training on this data.
        case hopeless([Finding])

        package var description: String {
            switch self {
            case .noData(let folder):
                "there is neither intents.csv nor intents.yaml in \(folder); "
                    + "bring data in with `intentd prepare --from FILE`."
            case .unusable(let path, let findings):
                "\(path) cannot be used: "
                    + findings.filter { $0.severity == .error }.prefix(5).map(\.description).joined(separator: "; ")
            case .theirs(let path):
                "\(path) was edited or is your own file; `intentd prepare --force` overwrites it."
            case .intents(let why): why
            case .hopeless(let findings):
                "The data is not trained on. "
                    + findings.prefix(5).map { "\($0.message) (\($0.code)) \($0.remedy)" }.joined(separator: " ")
            }
        }
    }

    /// The intents with their responses and policies (none without `intents.yaml`), and the file's digest; nil if the file
    /// still has the digest that is given.
    package func intents(unless digest: String?) throws -> (intents: [IntentSource], digest: String)? {
        guard let (bytes, digest) = try contents(of: folders.intents, unless: digest, limit: FileLimit.source) else {
            return nil
        }
        return (bytes.isEmpty ? [] : try intentsFile(bytes).intents, digest)
    }

    /// The content of `responses.yaml` (nothing without one) and its digest; nil if the file still has the digest that is
    /// given.
    package func responses(unless digest: String?) throws -> (file: ResponsesFile, digest: String)? {
        guard let (bytes, digest) = try contents(of: folders.responses, unless: digest, limit: FileLimit.source) else {
            return nil
        }
        do {
            return (try ResponsesFile(yaml: bytes), digest)
        } catch {
            throw Failure.intents("\(folders.responses): \(error)")
        }
    }

    /// How intents are answered, as the files say now.
    ///
    /// - Throws: ``Failure``, ``FileError``.
    package func treatments() throws -> Treatments {
        Treatments(try intents(unless: nil)?.intents ?? [], try responses(unless: nil)?.file ?? ResponsesFile())
    }

    /// What there is to say of responses and policies beside these rows. A file that cannot be read is a finding, too.
    package func responseFindings(beside rows: [DataRow]) -> [Finding] {
        do {
            return try treatments().findings(beside: Set(rows.map(\.intent)))
        } catch {
            let remedy = "Mend it, then `intentctl reload`; until then the responses before it are given."
            return [Finding(.badValue, .warning, message: "Responses cannot be read: \(error)", remedy: remedy)]
        }
    }

    /// Makes `intents.csv` from `intents.yaml`.
    ///
    /// - Parameter time: names the copy of a file that is a person's own and is overwritten.
    /// - Throws: ``Failure``, ``FileError``.
    @discardableResult
    package func prepare(seed: UInt64, force: Bool, at time: Timestamp? = nil) throws -> Preparation.Prepared {
        let prepared = PreparedFile(files: files, folders: folders)
        guard files.status(folders.intents) != nil else { throw Failure.noData(folders.data) }
        let isTheirs = try prepared.state() == .theirs
        if !force, isTheirs { throw Failure.theirs(folders.dataFile) }
        let source = try files.read(folders.intents, limit: FileLimit.source)
        let data = try Preparation.rows(from: try intentsFile(source), seed: seed)
        if isTheirs, let time { try keepAside(at: time) }
        try prepared.write(DataFile.csv(data.rows), source: source, seed: seed)
        return data
    }

    /// Makes `intents.csv` if it is absent, or if it was made from an older `intents.yaml`.
    package func prepareIfStale() throws {
        let prepared = PreparedFile(files: files, folders: folders)
        switch try prepared.state() {
        case .absent: try prepare(seed: PreparedFile.defaultSeed, force: false)
        case .ours: if try prepared.isStale() { try prepare(seed: prepared.seed, force: false) }
        case .theirs: break
        }
    }

    package func load(feedback: [FeedbackItem], rules: TrainingData.Rules) throws -> TrainingData {
        var (data, findings) = try loadWithFindings(feedback: feedback, rules: rules)
        data.findings += unread(findings)
        return data
    }

    /// What a training must not be silent about: rows of the data file that could not be read, and a guess at its letters.
    private func unread(_ findings: [Finding]) -> [Finding] {
        let errors = findings.filter { $0.severity == .error }
        let guesses = findings.filter { $0.code == Finding.Code.guessedEncoding.rawValue }
        guard let first = errors.first else { return guesses }
        return guesses + [
            Finding(
                .rowsLeftOut,
                .warning,
                line: first.line,
                message: Self.leftOut(errors.count, of: folders.dataFile, first),
                remedy: "`intentctl data check` lists them; mend the file and train again."
            )
        ]
    }

    private static func leftOut(_ count: Int, of path: String, _ first: Finding) -> String {
        let place = first.line.map { " in line \($0)" } ?? ""
        return "\(count.counted("row", "rows")) of \(path) could not be read, the first\(place): \(first.message)"
    }

    /// Like ``load(feedback:rules:)``, with the findings about the data file itself.
    package func loadWithFindings(
        feedback: [FeedbackItem],
        rules: TrainingData.Rules
    ) throws -> (data: TrainingData, findings: [Finding]) {
        let parsed = DataFile.parse(try files.read(folders.dataFile, limit: FileLimit.data), format: .csv)
        guard parsed.usable else { throw Failure.unusable(folders.dataFile, parsed.findings) }
        let isPrepared = try PreparedFile(files: files, folders: folders).state() == .ours
        let origin = isPrepared ? Claim.Source.prepared : .imported
        let data = TrainingData(file: parsed.rows, from: origin, feedback: feedback, rules: rules)
        return (data, parsed.findings)
    }

    /// What is in the data file.
    package struct Content: Sendable {
        /// None where there is no file, or where it cannot be used.
        package var rows: [DataRow]
        package var digest: String
        /// What could not be read, in a sentence; nil if all was.
        package var trouble: String?
        package var isUsable: Bool
    }

    /// The content of the data file; nil if the file still has the digest that is given.
    package func rows(unless digest: String?) throws(FileError) -> Content? {
        guard let (bytes, digest) = try contents(of: folders.dataFile, unless: digest, limit: FileLimit.data) else {
            return nil
        }
        if bytes.isEmpty { return Content(rows: [], digest: digest, trouble: nil, isUsable: true) }
        let parsed = DataFile.parse(bytes, format: .csv)
        let errors = parsed.findings.filter { $0.severity == .error }
        let trouble = errors.first.map { first in
            parsed.usable
                ? Self.leftOut(parsed.leftOut, of: folders.dataFile, first) + " `intentctl data check` lists them."
                : "\(folders.dataFile) cannot be used: \(first.message) \(first.remedy)"
        }
        return Content(rows: parsed.rows, digest: digest, trouble: trouble, isUsable: parsed.usable)
    }

    private func contents(
        of path: String,
        unless digest: String?,
        limit: Int
    ) throws(FileError) -> ([UInt8], digest: String)? {
        let bytes = files.status(path) == nil ? [] : try files.read(path, limit: limit)
        let found = Digest.hex(bytes)
        return found == digest ? nil : (bytes, found)
    }

    /// Writes the data's snapshot.
    ///
    /// - Returns: the SHA-256 of its content, which is its name.
    package func store(_ data: TrainingData) throws(FileError) -> String {
        let bytes = SnapshotFile.bytes(of: data)
        let digest = Digest.hex(bytes)
        try files.makeDirectory(folders.snapshots)
        if files.status(folders.snapshot(digest)) == nil { try files.replace(folders.snapshot(digest), with: bytes) }
        return digest
    }

    /// The digests of all snapshots, sorted.
    package func snapshots() throws(FileError) -> [String] {
        guard files.status(folders.snapshots) != nil else { return [] }
        // Other files beside them have longer names.
        return try files.list(folders.snapshots).filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }
            .filter { $0.utf8.count == 64 }
    }

    package func snapshot(_ digest: String) throws -> TrainingData {
        try SnapshotFile.read(try files.read(folders.snapshot(digest), limit: FileLimit.data))
    }

    /// nil if the training of that snapshot left no such file.
    package func labelErrors(_ digest: String) -> [JSON]? {
        guard let bytes = try? files.read(folders.labelErrors(digest), limit: FileLimit.data) else { return nil }
        return LabelErrorFile.read(bytes)
    }

    /// Makes a person's own rows the data file, which is theirs from then on.
    ///
    /// - Returns: the path to which the replaced file was copied; nil if there was none.
    package func importRows(_ rows: [DataRow], at time: Timestamp) throws(FileError) -> String? {
        let aside = try keepAside(at: time)
        try PreparedFile(files: files, folders: folders).importFile(DataFile.csv(rows))
        return aside
    }

    /// Copies the data file before it is replaced.
    ///
    /// - Returns: the path of the copy; nil if there was no file.
    @discardableResult
    private func keepAside(at time: Timestamp) throws(FileError) -> String? {
        guard files.status(folders.dataFile) != nil else { return nil }
        let aside = folders.replacedData(time)
        try files.replace(aside, with: try files.read(folders.dataFile, limit: FileLimit.data))
        return aside
    }

    private func intentsFile(_ bytes: [UInt8]) throws -> IntentsFile {
        do {
            return try IntentsFile(yaml: bytes)
        } catch {
            throw Failure.intents("\(folders.intents): \(error)")
        }
    }
}
