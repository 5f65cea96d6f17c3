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
        guard let (bytes, digest) = try contents(of: folders.intents, unless: digest) else { return nil }
        return (bytes.isEmpty ? [] : try intentsFile(bytes).intents, digest)
    }

    /// The content of `responses.yaml` (nothing without one) and its digest; nil if the file still has the digest that is
    /// given.
    package func responses(unless digest: String?) throws -> (file: ResponsesFile, digest: String)? {
        guard let (bytes, digest) = try contents(of: folders.responses, unless: digest) else { return nil }
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
    /// - Throws: ``Failure``, ``FileError``.
    @discardableResult
    package func prepare(seed: UInt64, force: Bool) throws -> Preparation.Prepared {
        let prepared = PreparedFile(files: files, folders: folders)
        guard files.status(folders.intents) != nil else { throw Failure.noData(folders.data) }
        if !force, try prepared.state() == .theirs { throw Failure.theirs(folders.dataFile) }
        let source = try files.read(folders.intents)
        let data = try Preparation.rows(from: try intentsFile(source), seed: seed)
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
        try loadWithFindings(feedback: feedback, rules: rules).data
    }

    /// Like ``load(feedback:rules:)``, with the findings about the data file itself.
    package func loadWithFindings(
        feedback: [FeedbackItem],
        rules: TrainingData.Rules
    ) throws -> (data: TrainingData, findings: [Finding]) {
        let parsed = DataFile.parse(try files.read(folders.dataFile), format: .csv)
        guard parsed.usable else { throw Failure.unusable(folders.dataFile, parsed.findings) }
        let isPrepared = try PreparedFile(files: files, folders: folders).state() == .ours
        let origin = isPrepared ? Claim.Source.prepared : .imported
        let data = TrainingData(file: parsed.rows, from: origin, feedback: feedback, rules: rules)
        return (data, parsed.findings)
    }

    /// The rows of the data file (none without one) and its digest; nil if the file still has the digest that is given.
    package func rows(unless digest: String?) throws(FileError) -> (rows: [DataRow], digest: String)? {
        guard let (bytes, digest) = try contents(of: folders.dataFile, unless: digest) else { return nil }
        return (bytes.isEmpty ? [] : DataFile.parse(bytes, format: .csv).rows, digest)
    }

    private func contents(of path: String, unless digest: String?) throws(FileError) -> ([UInt8], digest: String)? {
        let bytes = files.status(path) == nil ? [] : try files.read(path)
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
        try SnapshotFile.read(try files.read(folders.snapshot(digest)))
    }

    /// nil if the training of that snapshot left no such file.
    package func labelErrors(_ digest: String) -> [JSON]? {
        guard let bytes = try? files.read(folders.labelErrors(digest)) else { return nil }
        return LabelErrorFile.read(bytes)
    }

    /// Makes a person's own rows the data file, which is theirs from then on.
    ///
    /// - Returns: the path to which the replaced file was copied; nil if there was none.
    package func importRows(_ rows: [DataRow], at time: Timestamp) throws(FileError) -> String? {
        let aside = files.status(folders.dataFile) == nil ? nil : folders.replacedData(time)
        if let aside { try files.replace(aside, with: try files.read(folders.dataFile)) }
        try PreparedFile(files: files, folders: folders).importFile(DataFile.csv(rows))
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
