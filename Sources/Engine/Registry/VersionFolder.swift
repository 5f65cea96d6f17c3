package import Classifier
import Crypto
package import Wire

/// A version on disk: `model.safetensors`, `evaluation.json` and `metadata.json`, which carries the digests of both.
package struct VersionFolder: Sendable {
    package static let modelFile = "model.safetensors"
    package static let evaluationFile = "evaluation.json"
    package static let metadataFile = "metadata.json"

    package let path: String
    private let files: any FileSystem

    package init(_ path: String, files: any FileSystem) {
        self.path = path
        self.files = files
    }

    /// Writes all three files and syncs the folder; `metadata` gains the members `digest` and `files`.
    ///
    /// - Returns: the model's digest.
    package func write(model: [UInt8], evaluation: JSON, metadata: [Member]) throws(FileError) -> String {
        try files.makeDirectory(path)
        let evaluation = Array((evaluation.description + "\n").utf8)
        let digest = Digest.hex(model)
        try files.replace(path + "/" + Self.modelFile, with: model)
        try files.replace(path + "/" + Self.evaluationFile, with: evaluation)
        let identity: [Member] = [
            Member("digest", .string(digest)),
            Member(
                "files",
                .object([
                    Member(Self.modelFile, .string(digest)),
                    Member(Self.evaluationFile, .string(Digest.hex(evaluation))),
                ])
            ),
        ]
        try files.replace(
            path + "/" + Self.metadataFile,
            with: Array((JSON.object(identity + metadata).description + "\n").utf8)
        )
        try files.synchronize(path)
        return digest
    }

    package func metadata() throws(VersionError) -> JSON { try json(Self.metadataFile) }

    package func evaluation() throws(VersionError) -> JSON { try json(Self.evaluationFile) }

    /// Reads the model and verifies it against the folder's own record, and against `digest` where the caller has one.
    package func model(expecting digest: String? = nil) throws(VersionError) -> (model: Model, digest: String) {
        guard let recorded = try metadata()["digest"]?.string else { throw .damaged("metadata.json names no digest") }
        if let digest, recorded != digest { throw .damaged("metadata.json is not the one that was registered") }
        let bytes = try read(Self.modelFile)
        guard Digest.hex(bytes) == recorded else { throw .damaged("model.safetensors does not match its digest") }
        do {
            return (try Model(safetensors: bytes), recorded)
        } catch {
            throw .damaged("model.safetensors: \(error)")
        }
    }

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
            return try files.read(path + "/" + name)
        } catch {
            throw error.kind == .notFound ? .missing(name) : .damaged(error.description)
        }
    }
}

/// Why a version cannot be served.
package enum VersionError: Error, Sendable, Equatable, CustomStringConvertible {
    case missing(String)
    case damaged(String)

    package var description: String {
        switch self {
        case .missing(let file): "\(file) is missing"
        case .damaged(let why): why
        }
    }
}

package enum Digest {
    /// SHA-256 in lower-case hexadecimal.
    package static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 64) { buffer in
            var index = 0
            for byte in SHA256.hash(data: bytes) {
                buffer[index] = digits[Int(byte >> 4)]
                buffer[index + 1] = digits[Int(byte & 15)]
                index += 2
            }
            return index
        }
    }

    /// What answers show: the first twelve digits.
    package static func short(_ digest: String) -> String { String(digest.prefix(12)) }
}
