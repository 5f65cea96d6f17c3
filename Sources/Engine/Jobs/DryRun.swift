import World

/// A retraining that only tells what it would do. It works on copies of what `data/` holds, in the folder for work under
/// way, which are removed at its end; what a crash leaves there goes at the daemon's start.
struct DryRun: Sendable {
    /// Where the job may write.
    let copies: Folders
    private let files: any FileSystem
    private let folders: Folders
    /// The folder for work under way, if it was not there before.
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
        // The mark beside the data file tells whether it is older than its source.
        for path in [
            \Folders.intents, \Folders.dataFile, \Folders.preparedMark, \Folders.golden, \Folders.behaviour,
        ] where files.status(folders[keyPath: path]) != nil {
            try files.replace(copies[keyPath: path], with: try files.read(folders[keyPath: path]))
        }
    }

    func clear() { if let made { try? files.remove(made) } }
}
