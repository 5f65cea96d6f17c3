import Learning
import Wire
import World

/// `data.*` and `export`: the training data for admins. It tells who said what, so nobody else may see it.
struct DataMethods: Sendable {
    let dataset: Dataset
    let feedback: FeedbackStore
    let registry: Registry
    let settings: Settings
    let clock: Clock
    let randomness: Randomness
    let uploads = Uploads()
    let exports = Exports()

    private var source: TrainingSource { dataset.source }

    func check(_ call: Call) throws -> Response {
        let limit = try call.params.int("limit") ?? 100
        return .laterValue {
            let items = try await feedback.accepted()
            let data: TrainingData
            var findings: [Finding]
            do {
                (data, findings) = try source.loadWithFindings(feedback: items, rules: trainingRules)
            } catch TrainingSource.Failure.unusable(_, let found) {
                return DataReport.check(nil, found, isStopped: true, labelErrors: nil, limit: limit)
            }
            let checks = data.checks()
            findings += data.findings + checks + source.responseFindings(beside: data.rows)
            let isStopped = checks.contains { $0.severity == .error }
            return DataReport.check(
                data,
                findings,
                isStopped: isStopped,
                labelErrors: try await lastLabelErrors(),
                limit: limit
            )
        }
    }

    func show(_ call: Call) throws -> Response {
        let name = try call.params.string("snapshot") ?? "now"
        let intent = try call.params.string("intent")
        let limit = try call.params.int("limit") ?? 100
        return .laterValue {
            let (digest, data) = try await snapshot(named: name, field: "snapshot")
            let versions = try await registry.versions().filter { $0.snapshot == digest }.map(\.version)
            return DataReport.show(data, digest: digest, versions: versions.sorted(), intent: intent, limit: limit)
        }
    }

    func diff(_ call: Call) throws -> Response {
        let from = try call.params.requiredString("from")
        let to = try call.params.requiredString("to")
        let limit = try call.params.int("limit") ?? 100
        return .laterValue {
            let (old, before) = try await snapshot(named: from, field: "from")
            let (new, after) = try await snapshot(named: to, field: "to")
            return DataDifference(before.rows, after.rows).json(from: old, to: new, limit: limit)
        }
    }

    func bringIn(_ call: Call) throws -> Response {
        let format = try call.params.choice("format", of: DataFile.Format.self) ?? .csv
        let content = try call.params.requiredString("content")
        let isLast = try call.params.bool("last") ?? true
        let isCheck = try call.params.bool("check_only") ?? false
        let upload = try call.params.string("upload")
        let isPartial = try call.params.bool("partial") ?? false
        let reading = DataFile.Reading(
            columns: Columns(
                text: try call.params.string("text"),
                intent: try call.params.string("intent"),
                split: try call.params.string("split")
            ),
            encoding: try call.params.choice("encoding", of: TextEncoding.self)
        )
        let (id, bytes) = try uploads.add(
            try call.params.bool("base64") ?? false ? try decoded(content) : Array(content.utf8),
            to: upload,
            isLast: isLast,
            uid: call.caller.uid,
            at: clock.monotonic()
        ) { Identifier(at: clock.now(), randomness: randomness).description }
        guard let bytes else { return .value(DataReport.received(id)) }
        return .laterValue {
            let parsed = DataFile.parse(bytes, format: format, reading: reading)
            let rows = SplitAssignment.assign(parsed.rows)
            let findings =
                parsed.findings + SplitAssignment.findings(parsed.rows, assigned: rows)
                + TrainingData.nearTestRows(Evidence(rows)) + TrainingData.outOfScope(rows)
            await dataset.areRowsRead()
            let before = dataset.counts
            // Errors refuse the whole file, unless its admin says that the rest will do: he can mend it now.
            let isGood = parsed.usable && (isPartial || !findings.contains { $0.severity == .error })
            var aside: String?
            if isGood, !isCheck {
                aside = try source.importRows(rows, at: clock.now())
                dataset.readRows()
                await dataset.areRowsRead()
            }
            return DataReport.imported(
                rows,
                findings,
                isGood: isGood && !isCheck,
                leftOut: parsed.leftOut,
                before: before,
                keptAside: aside
            )
        }
    }

    func export(_ call: Call) throws -> Response {
        let what = try call.params.requiredChoice("what", of: DataExport.What.self)
        let format = try call.params.choice("format", of: DataFile.Format.self) ?? .csv
        let offset = try call.params.int("offset") ?? 0
        let (uid, now) = (call.caller.uid, clock.monotonic())
        let held = offset == 0 ? nil : exports.export(what, format, uid: uid, at: now)
        return .laterValue {
            let export: DataExport
            if let held {
                export = held
            } else {
                let rows =
                    switch what {
                    case .data: try source.rows(unless: nil)?.rows ?? []
                    case .feedback: TrainingData.rows(of: try await feedback.accepted(), rules: trainingRules)
                    }
                export = DataExport(what: what, format: format, rows: rows)
            }
            if export.hasPage(after: offset) {
                if held == nil { exports.hold(export, uid: uid, at: now) }
            } else {
                exports.letGo(export, uid: uid)
            }
            return export.page(from: offset)
        }
    }

    private func decoded(_ content: String) throws(RPCError) -> [UInt8] {
        guard let bytes = Base64.decode(content) else {
            throw .invalidParams("content must be base64, since base64 is true.", field: "content")
        }
        return bytes
    }

    private var trainingRules: TrainingData.Rules { TrainingData.Rules(settings.current) }

    /// Finds a snapshot by (the beginning of) its digest or by a version trained on it (`v7`); `now` is the present
    /// data.
    private func snapshot(named name: String, field: String) async throws -> (digest: String, data: TrainingData) {
        if name == "now" {
            let data = try source.load(feedback: try await feedback.accepted(), rules: trainingRules)
            return (Digest.hex(SnapshotFile.bytes(of: data)), data)
        }
        var name = name
        if name.hasPrefix("v"), let number = Int(name.dropFirst()) {
            guard let version = try await registry.version(number) else {
                throw RPCError.notFound("There is no version \(number); `intentctl models` lists them.", field: field)
            }
            name = version.snapshot
        }
        let found = try source.snapshots().filter { name.count >= 6 && $0.hasPrefix(name) }
        guard let digest = found.first, found.count == 1 else {
            let why = found.isEmpty ? "There is no snapshot" : "There are \(found.count) snapshots"
            throw RPCError.notFound(
                "\(why) \(name.prefix(64)); name it by at least 6 digits, a version such as v3, or now.",
                field: field
            )
        }
        return (digest, try source.snapshot(digest))
    }

    /// Returns the rows whose label looked wrong in the newest training that has a report of them.
    private func lastLabelErrors() async throws -> (digest: String, errors: [JSON])? {
        for version in try await registry.versions().sorted(by: { $0.version > $1.version }) {
            if let errors = source.labelErrors(version.snapshot) { return (version.snapshot, errors) }
        }
        return nil
    }
}
