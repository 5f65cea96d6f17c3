import Learning
import Statistics
import Wire

/// `retrain` and `jobs.*`: starts, lists, shows and cancels retrainings.
struct JobMethods: Sendable {
    let jobs: Jobs
    let quotes: Quotes
    let settings: Settings
    /// The daemon's own uid.
    let uid: UInt32

    func retrain(_ call: Call) throws -> Response {
        let asked = try call.params.choice("promote", of: Configuration.Training.Policy.self) ?? .gate
        // The stricter of the two wins.
        let policy: Configuration.Training.Policy = settings.current.training.policy == .hold ? .hold : asked
        let isDryRun = try call.params.bool("dry_run") ?? false
        let (uid, request, notify) = (call.caller.uid, call.id, call.caller.notify)
        let cause = Cause(uid: uid, daemon: self.uid)
        return .laterValue {
            let record = try await jobs.start(uid: uid, policy: policy, cause: cause, isDryRun: isDryRun) {
                record,
                eta in
                guard let request else { return }
                notify(
                    Reply.notification("job.progress") { writer in
                        writer.beginObject()
                        writer.name("request")
                        writer.value(request)
                        writer.name("job")
                        writer.value(record.id)
                        writer.name("step")
                        writer.value(record.step)
                        writer.name("fraction")
                        writer.value(record.fraction.rounded(toPlaces: 3))
                        writer.name("eta_ms")
                        writer.value(JSON(eta))
                        writer.endObject()
                    }
                )
            }
            return ["job": .string(record.id)]
        }
    }

    func list(_ call: Call) throws -> Response {
        let limit = try call.params.int("limit") ?? 20
        let caller = call.caller.identity
        return .laterValue {
            ["jobs": .array(try await shown(try await jobs.list(limit: limit), to: caller).map(\.listed))]
        }
    }

    func get(_ call: Call) throws -> Response {
        let id = try call.params.requiredString("job")
        let caller = call.caller.identity
        return .laterValue {
            guard let record = try await jobs.get(id) else { throw Self.noJob(id) }
            return try await shown([record], to: caller)[0].json
        }
    }

    /// The records with verdicts that quote to nobody what they may not read.
    private func shown(_ records: [JobRecord], to caller: Caller.Identity) async throws -> [JobRecord] {
        let verdicts = try await quotes.verdicts(records.map { $0.verdict ?? .null }, for: caller)
        return zip(records, verdicts).map { record, verdict in
            var record = record
            if record.verdict != nil { record.verdict = verdict }
            return record
        }
    }

    func cancel(_ call: Call) throws -> Response {
        let id = try call.params.requiredString("job")
        return .laterValue {
            guard let record = try await jobs.cancel(id) else { throw Self.noJob(id) }
            return record.json
        }
    }

    private static func noJob(_ id: String) -> RPCError {
        RPCError.notFound("There is no job \(id); `intentctl jobs` lists them.", field: "job")
    }
}

extension JobRecord {
    /// The job in a list, without the checks that passed: the answer with a thousand jobs is still one line.
    fileprivate var listed: JSON {
        var record = self
        if let members = verdict?.object {
            record.verdict = .object(
                members.map { member in
                    guard member.name == "checks", let checks = member.value.array else { return member }
                    return Member("checks", .array(checks.filter { $0["outcome"]?.string != "pass" }))
                }
            )
        }
        return record.json
    }
}
