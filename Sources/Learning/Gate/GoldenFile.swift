package import World

/// `data/golden.csv`: cases that every version must get right. With a file that is only half understood nothing passes.
package struct GoldenFile: Sendable {
    package private(set) var rows: [DataRow] = []
    /// The faults of the file.
    package private(set) var findings: [Finding] = []

    package init(_ rows: [DataRow] = []) { self.rows = rows }

    package init(csv bytes: [UInt8]) {
        let parsed = DataFile.parse(bytes, format: .csv, isForTraining: false)
        rows = parsed.rows
        findings = parsed.findings.filter { $0.severity == .error }.map { finding in
            var finding = finding
            finding.message = "golden.csv: " + finding.message
            return finding
        }
    }

    /// Reads the file of a host, which may have none.
    package init(files: any FileSystem, folders: Folders) {
        self.init()
        guard files.status(folders.golden) != nil else { return }
        do {
            self = GoldenFile(csv: try files.read(folders.golden, limit: FileLimit.source))
        } catch {
            findings = [.unreadable("golden.csv", error)]
        }
    }
}

extension Finding {
    /// A file that is there and cannot be read keeps the gate from passing, as one that is half understood does.
    static func unreadable(_ name: String, _ error: FileError) -> Finding {
        let message = "\(name) could not be read: \(error)."
        return Finding(.badValue, .error, message: message, remedy: "Mend the file, or remove it.")
    }
}
