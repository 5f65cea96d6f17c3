import Wire
package import World

/// `data/intents.csv` where `prepare` makes it from `data/intents.yaml`. A file that a person edited or brought in is never
/// overwritten.
package struct PreparedFile: Sendable {
    private let files: any FileSystem
    private let folders: Folders

    package init(files: any FileSystem, folders: Folders) { (self.files, self.folders) = (files, folders) }

    /// What `prepare` knows about the file; it is kept beside it.
    private struct Mark {
        var csv: String
        /// The digest of the file before this one: after a crash between mark and file it is still known as ours.
        var previous: String?
        var source: String
        var seed: UInt64
        var form: Int
    }

    /// Files of form 1 lack the column `group`.
    private static let form = 2

    private var markPath: String { folders.preparedMark }

    package enum State: Sendable, Equatable {
        case absent
        /// The file is what `prepare` wrote last.
        case ours
        /// A person edited the file, or brought it in.
        case theirs
    }

    package func state() throws(FileError) -> State {
        guard files.status(folders.dataFile) != nil else { return .absent }
        guard let mark = readMark() else { return .theirs }
        let digest = Digest.hex(try files.read(folders.dataFile, limit: FileLimit.data))
        return digest == mark.csv || digest == mark.previous ? .ours : .theirs
    }

    /// Whether `intents.yaml` has changed since the file was made from it, or the file has an earlier form.
    package func isStale() throws(FileError) -> Bool {
        guard try state() == .ours, let mark = readMark(), files.status(folders.intents) != nil else { return false }
        if mark.form != Self.form { return true }
        if Digest.hex(try files.read(folders.dataFile, limit: FileLimit.data)) != mark.csv { return true }
        return Digest.hex(try files.read(folders.intents, limit: FileLimit.source)) != mark.source
    }

    /// The seed that made the file as it stands, so that making it again changes only what the source changed.
    package var seed: UInt64 { readMark()?.seed ?? PreparedFile.defaultSeed }

    package static let defaultSeed: UInt64 = 1

    package func write(_ csv: [UInt8], source: [UInt8], seed: UInt64) throws(FileError) {
        let previous = try state() == .ours ? Digest.hex(try files.read(folders.dataFile, limit: FileLimit.data)) : nil
        let source = Digest.hex(source)
        try write(Mark(csv: Digest.hex(csv), previous: previous, source: source, seed: seed, form: Self.form))
        try files.replace(folders.dataFile, with: csv)
    }

    private func write(_ mark: Mark) throws(FileError) {
        let json: JSON = [
            "csv": .string(mark.csv), "previous": JSON(mark.previous), "source": .string(mark.source),
            "seed": .string(String(mark.seed)), "form": .integer(mark.form),
        ]
        try files.replace(markPath, with: Array((json.description + "\n").utf8))
    }

    /// A file that is about to be another: the digests of its contents.
    struct Change {
        var from: String
        var to: String
    }

    /// Lets a file that `prepare` made count as such when both files have changed, and as stale if it was so before. Called
    /// before they change, and again after a crash.
    ///
    /// - Parameter data: the change of the data file; nil if it stays.
    /// - Parameter source: that of `intents.yaml`.
    func follow(data: Change?, source: Change?) throws(FileError) {
        guard var mark = readMark() else { return }
        let old = mark
        if let data {
            if mark.csv == data.from {
                (mark.previous, mark.csv) = (data.from, data.to)
            } else if mark.previous == data.from, mark.csv != data.to {
                // The file is older than the mark, so it is stale, and no source has this digest.
                (mark.previous, mark.csv, mark.source) = (data.from, data.to, "")
            }
        }
        if let source, mark.source == source.from { mark.source = source.to }
        guard mark.csv != old.csv || mark.source != old.source else { return }
        try write(mark)
    }

    /// Makes a person's own rows the data file, which is theirs from then on.
    package func importFile(_ csv: [UInt8]) throws(FileError) {
        try files.remove(markPath)
        try files.replace(folders.dataFile, with: csv)
    }

    private func readMark() -> Mark? {
        guard let bytes = try? files.read(markPath, limit: FileLimit.configuration),
            let json = try? JSONParser.parse(bytes),
            let csv = json["csv"]?.string, let source = json["source"]?.string,
            let seed = json["seed"]?.string.flatMap({ UInt64($0) })
        else { return nil }
        let (previous, form) = (json["previous"]?.string, json["form"]?.int ?? 1)
        return Mark(csv: csv, previous: previous, source: source, seed: seed, form: form)
    }
}
