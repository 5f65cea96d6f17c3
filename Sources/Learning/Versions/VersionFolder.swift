package import Classifier
package import Wire
package import World

/// A version on disk: `model.safetensors`, `evaluation.json` and `metadata.json`, which carries the digests of both.
///
/// A version's digest is that of the files that decide answers, which is the model's file alone: it holds weights,
/// calibration, threshold and settings, and the other two only tell of it.
package struct VersionFolder: Sendable {
    package static let modelFile = "model.safetensors"
    package static let evaluationFile = "evaluation.json"
    package static let metadataFile = "metadata.json"

    package let path: String
    private let files: any FileSystem

    package init(_ path: String, files: any FileSystem) { (self.path, self.files) = (path, files) }

    /// Writes all three files and syncs the folder; `metadata` gains the members `digest` and `files`.
    ///
    /// - Returns: the model's digest.
    package func write(model: [UInt8], evaluation: JSON, metadata: [Member]) throws(FileError) -> String {
        try files.makeDirectory(path)
        let evaluation = Array((evaluation.description + "\n").utf8)
        let digest = Digest.hex(model)
        try files.replace(path + "/" + Self.modelFile, with: model)
        try files.replace(path + "/" + Self.evaluationFile, with: evaluation)
        let digests: JSON = [Self.modelFile: .string(digest), Self.evaluationFile: .string(Digest.hex(evaluation))]
        let whole = JSON.object([Member("digest", .string(digest)), Member("files", digests)] + metadata)
        try files.replace(path + "/" + Self.metadataFile, with: Array((whole.description + "\n").utf8))
        try files.synchronize(path)
        return digest
    }

    package func metadata() throws(VersionError) -> JSON { try json(Self.metadataFile) }

    package func evaluation() throws(VersionError) -> JSON { try json(Self.evaluationFile) }

    /// Reads the model and verifies it against the folder's own record, and against `digest` where the caller has one:
    /// one pass over the file, which is never held as a whole.
    package func model(expecting digest: String? = nil) throws(VersionError) -> (model: Model, digest: String) {
        guard let recorded = try metadata()["digest"]?.string else { throw .damaged("metadata.json names no digest") }
        if let digest, recorded != digest { throw .damaged("metadata.json is not the one that was registered") }
        let file = DigestedFile(path + "/" + Self.modelFile, in: files)
        let result = Result { () throws(ModelFileError) in try Model(size: file.size) { file.next() } }
        // Also what is behind the place where the reader gave up.
        while !file.next().isEmpty {}
        if let error = file.error { throw Self.failure(Self.modelFile, error) }
        guard file.digest == recorded else { throw .damaged("model.safetensors does not match its digest") }
        do {
            return (try result.get(), recorded)
        } catch {
            throw .damaged("model.safetensors: \(error)")
        }
    }

    /// The SHA-256 of each file of a finished version.
    package func digests() throws(FileError) -> [String: String] {
        var digests: [String: String] = [:]
        for name in Self.names { digests[name] = try Digest.hex(of: path + "/" + name, in: files) }
        return digests
    }

    /// Whether the model's file has this digest.
    package func hasModel(_ digest: String) -> Bool {
        (try? Digest.hex(of: path + "/" + Self.modelFile, in: files)) == digest
    }

    /// Whether every file that is there has the digest given for it.
    package func isPart(of digests: [String: String]) -> Bool {
        Self.names.allSatisfy { name in
            let file = path + "/" + name
            guard files.status(file) != nil else { return true }
            return (try? Digest.hex(of: file, in: files)).map { $0 == digests[name] } ?? false
        }
    }

    /// The files that differ from what was registered, and what is wrong with each.
    ///
    /// - Parameters:
    ///   - digest: the model's digest, as it was registered.
    ///   - registered: the digests by file. For a file that has none, the folder's own record counts.
    package func differences(digest: String, registered: [String: String]) -> [(file: String, problem: String)] {
        let own = (try? metadata())?["files"]
        return Self.names.compactMap { name in
            let wanted = name == Self.modelFile ? digest : registered[name] ?? own?[name]?.string
            do throws(FileError) {
                let found = try Digest.hex(of: path + "/" + name, in: files)
                if let wanted {
                    return found == wanted ? nil : (name, "it is not the one that was registered")
                }
                // No digest was kept for the metadata of old versions; they must at least name the right model.
                guard name == Self.metadataFile else { return (name, "no record says what it should be") }
                return (try? metadata())?["digest"]?.string == digest
                    ? nil : (name, "it is not the one that was registered")
            } catch {
                return (name, error.kind == .notFound ? "it is missing" : error.description)
            }
        }
    }

    package static let names = [modelFile, evaluationFile, metadataFile]

    private func json(_ name: String) throws(VersionError) -> JSON {
        let bytes = try read(name)
        do {
            return try JSONParser.parse(bytes)
        } catch {
            throw .damaged("\(name): \(error.message)")
        }
    }

    private func read(_ name: String) throws(VersionError) -> [UInt8] {
        do {
            return try files.read(path + "/" + name, limit: FileLimit.metadata)
        } catch {
            throw Self.failure(name, error)
        }
    }

    private static func failure(_ name: String, _ error: FileError) -> VersionError {
        error.kind == .notFound ? .missing(name) : .damaged(error.description)
    }
}
