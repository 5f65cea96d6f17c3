import Logging

/// Trains the first model of a daemon that has none.
struct FirstTraining: Sendable {
    let jobs: Jobs
    let champion: Champion
    let health: Health
    let logger: Logger

    /// - Parameter uid: the daemon's own uid.
    func run(uid: UInt32, progress: @escaping @Sendable (_ step: String, _ fraction: Double) -> Void) async {
        logger.notice("No model is there yet; training the first one.")
        do {
            let record = try await jobs.runToEnd(uid: uid, policy: .gate, cause: .noModel) { record, _ in
                progress(record.step, record.fraction)
            }
            if record.state == .done {
                let number = record.candidate ?? record.sameAs ?? 0
                logger.notice(
                    "Version \(number) is trained and serves.",
                    metadata: JournalMessage.firstModelTrained.metadata([
                        "model_version": "\(number)", "job": .string(record.id),
                    ])
                )
                return
            }
            await fail(record.error ?? "the first training ended as \(record.state.rawValue)")
        } catch {
            await fail("\(error)")
        }
    }

    private func fail(_ why: String) async {
        await champion.fail(why)
        logger.error(
            "The first model could not be trained: \(why)",
            metadata: JournalMessage.firstTrainingFailed.metadata()
        )
        health.set(.model, why)
    }
}
