import Learning

/// Bytes of a person's data: by the first byte sentence templates, CSV, JSON lines or behaviour.
///
/// Promised: rows or findings that say where and what to do; rows that are written and read again are the same rows.
enum DataTarget {
    static func make() -> Target { run }

    private static func run(_ input: [UInt8]) {
        guard let kind = input.first else { return }
        let bytes = Array(input.dropFirst())
        switch kind % 4 {
        case 0: readTemplates(bytes)
        case 1: readRows(bytes, .csv)
        case 2: readRows(bytes, .jsonl)
        default: readBehaviour(bytes)
        }
    }

    private static func readBehaviour(_ bytes: [UInt8]) {
        let file = BehaviourFile(yaml: bytes)
        check(file.findings, bytes)
        let behaviour = file.behaviour
        for entry in behaviour.must + behaviour.mustNot + behaviour.invariance {
            promise(!entry.text.isEmpty && entry.line > 0, "\(entry) is no case")
            for perturbation in Perturbation.allCases {
                let changed = perturbation.applied(to: entry.text)
                promise(changed == perturbation.applied(to: entry.text), "\(entry) is changed by chance")
            }
        }
    }

    private static func readResponses(_ bytes: [UInt8]) {
        do throws(IntentsFileError) {
            let file = try ResponsesFile(yaml: bytes)
            check(Treatments([], file).findings(beside: ["a"]), bytes)
        } catch {
            promise(!error.findings.isEmpty, "the file is refused without a reason")
            check(error.findings, bytes)
        }
    }

    private static func readTemplates(_ bytes: [UInt8]) {
        // Both files have the same shape but for the templates.
        readResponses(bytes)
        do throws(IntentsFileError) {
            let file = try IntentsFile(yaml: bytes)
            check(file.warnings, bytes)
            var settings = Preparation.Settings()
            settings.rowsPerIntent = 20
            settings.outOfScopeRows = 20
            let prepared = try Preparation.rows(from: file, seed: 1, settings: settings)
            check(prepared.findings, bytes)
            checkWritten(prepared.rows)
        } catch {
            promise(!error.findings.isEmpty, "the file is refused without a reason")
            check(error.findings, bytes)
        }
    }

    private static func readRows(_ bytes: [UInt8], _ format: DataFile.Format) {
        let parsed = DataFile.parse(bytes, format: format)
        check(parsed.findings, bytes)
        promise(parsed.usable || parsed.findings.contains { $0.severity == .error }, "refused without a reason")
        checkWritten(parsed.rows)
    }

    private static func check(_ findings: [Finding], _ bytes: [UInt8]) {
        let count = greatestLine(of: bytes)
        for finding in findings {
            promise(!finding.message.isEmpty && !finding.remedy.isEmpty, "\(finding) says too little")
            promise(finding.line.map { 1...count ~= $0 } ?? true, "\(finding): there is no such line")
        }
    }

    private static func checkWritten(_ rows: [DataRow]) {
        let again = DataFile.parse(DataFile.csv(rows), format: .csv).rows
        promise(again.count == rows.count, "\(rows.count) rows are read again as \(again.count)")
        for (row, other) in zip(rows, again) {
            var row = row
            row.line = other.line
            promise(row == other, "\(row) is read again as \(other)")
        }
    }
}
