package import World

/// `data/golden.csv`: cases that every version must get right. A file that is only half understood is not passed over.
package struct GoldenFile: Sendable {
    package private(set) var rows: [DataRow] = []
    /// What is wrong with the file.
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

    /// The file of a host; no cases where there is none.
    package init(files: any FileSystem, folders: Folders) {
        self.init()
        guard files.status(folders.golden) != nil else { return }
        do {
            self = GoldenFile(csv: try files.read(folders.golden))
        } catch {
            findings = [
                Finding(
                    .badValue,
                    .error,
                    line: nil,
                    "golden.csv could not be read: \(error).",
                    remedy: "Mend the file, or remove it."
                )
            ]
        }
    }
}
