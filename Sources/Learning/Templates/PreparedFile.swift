import Wire
package import World

/// `data/intents.csv` as far as it is made from `data/intents.yaml`: written only where that takes nothing away from
/// anybody.
package struct PreparedFile: Sendable {
    private let files: any FileSystem
    private let folders: Folders

    package init(files: any FileSystem, folders: Folders) {
        self.files = files
        self.folders = folders
    }

    /// Beside the file stands what `prepare` knows about it.
    private struct Mark {
        var csv: String
        /// What stood there before, so that a crash between mark and file leaves a file that is known.
        var previous: String?
        var source: String
        var seed: UInt64
    }

    private var markPath: String { folders.preparedMark }

    package enum State: Sendable, Equatable {
        case absent
        /// Still what `prepare` wrote last.
        case ours
        /// Edited, or a person's own.
        case theirs
    }

    package func state() throws(FileError) -> State {
        guard files.status(folders.dataFile) != nil else { return .absent }
        guard let mark = readMark() else { return .theirs }
        let digest = Digest.hex(try files.read(folders.dataFile))
        return digest == mark.csv || digest == mark.previous ? .ours : .theirs
    }

    /// Whether `intents.yaml` has changed since the file was made from it.
    package func isStale() throws(FileError) -> Bool {
        guard try state() == .ours, let mark = readMark(), files.status(folders.intents) != nil else { return false }
        if Digest.hex(try files.read(folders.dataFile)) != mark.csv { return true }
        return Digest.hex(try files.read(folders.intents)) != mark.source
    }

    /// The seed that made the file as it stands, so that making it again changes only what the source changed.
    package var seed: UInt64 { readMark()?.seed ?? PreparedFile.defaultSeed }

    package static let defaultSeed: UInt64 = 1

    package func write(_ csv: [UInt8], source: [UInt8], seed: UInt64) throws(FileError) {
        let previous = try state() == .ours ? Digest.hex(try files.read(folders.dataFile)) : nil
        let mark: JSON = [
            "csv": .string(Digest.hex(csv)), "previous": JSON(previous), "source": .string(Digest.hex(source)),
            "seed": .string(String(seed)),
        ]
        try files.replace(markPath, with: Array((mark.description + "\n").utf8))
        try files.replace(folders.dataFile, with: csv)
    }

    /// Brings a person's own file in; it is theirs from now on.
    package func bringIn(_ csv: [UInt8]) throws(FileError) {
        try files.remove(markPath)
        try files.replace(folders.dataFile, with: csv)
    }

    private func readMark() -> Mark? {
        guard let bytes = try? files.read(markPath), let json = try? JSONParser.parse(bytes),
            let csv = json["csv"]?.string, let source = json["source"]?.string,
            let seed = json["seed"]?.string.flatMap({ UInt64($0) })
        else { return nil }
        return Mark(csv: csv, previous: json["previous"]?.string, source: source, seed: seed)
    }
}
