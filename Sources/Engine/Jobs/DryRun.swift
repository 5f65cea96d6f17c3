import World

/// A retraining that only tells what it would do. It works on copies of the files in `data/`, in the staging folder,
/// and removes them at its end. Copies left by a crash are removed at the next start.
struct DryRun: Sendable {
    /// The folders that the job may write to.
    let copies: Folders
    private let files: any FileSystem
    private let folders: Folders
    /// The staging folder, if it did not exist before.
    private let made: String?

    init(files: any FileSystem, folders: Folders, job: String) {
        self.files = files
        self.folders = folders
        var copies = folders
        copies.data = folders.staging(job) + "/data"
        self.copies = copies
        made = files.status(folders.staging) == nil ? folders.staging : nil
    }

    func copySources() throws(FileError) {
        try files.makeDirectory(copies.data)
        // The mark beside the data file tells whether the file is older than its source.
        for path in [
            \Folders.intents, \Folders.dataFile, \Folders.preparedMark, \Folders.golden, \Folders.behaviour,
        ] where files.status(folders[keyPath: path]) != nil {
            try files.replace(
                copies[keyPath: path],
                with: try files.read(folders[keyPath: path], limit: FileLimit.data)
            )
        }
    }

    func clear() { if let made { try? files.remove(made) } }
}
