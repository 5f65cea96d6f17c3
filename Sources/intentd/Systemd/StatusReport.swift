package import Engine
import ServiceLifecycle
import World

/// Keeps `systemctl status` true: it looks twice a second and tells what changed. It asks for more time while a first
/// model is being trained and while a stop takes long.
struct StatusReport: Service {
    let engine: Engine
    let notifier: Notifier

    /// After so many seconds without a move, a training is not a reason for more time.
    private static let patience = 600.0

    func run() async throws {
        // This service stops after the sockets, so it can ask for time while those are drained.
        await cancelWhenGracefulShutdown { await watch() }
    }

    private func watch() async {
        var condition = engine.condition
        var changed = Clock.host.monotonic()
        while !Task.isCancelled {
            let now = engine.condition
            if now != condition {
                condition = now
                changed = Clock.host.monotonic()
            }
            notifier.show { now.line(isStarting: $0) }
            let isMoving = Double(Clock.host.monotonic() - changed) / 1e9 < Self.patience
            if notifier.isStopping || notifier.isStarting && now.job != nil && isMoving {
                notifier.extendTimeout(seconds: 10)
            }
            try? await Clock.host.sleep(0.5)
        }
    }
}

extension Condition {
    private static let limit = 600

    /// One line for a person.
    package func line(isStarting: Bool = false) -> String {
        var parts: [String] = []
        let job = job.map { "\($0.step), \(Int($0.fraction * 100)) %" }
        if isStarting {
            parts.append(job.map { "Training the first model: \($0)" } ?? "Starting")
        } else {
            parts.append(champion.map { "Version \($0) serves" } ?? "No model serves")
            if let job { parts.append("retraining: \(job)") }
        }
        if !degraded.isEmpty {
            parts.append(
                "degraded: " + degraded.map { "\($0.feature.rawValue) (\($0.reason))" }.sorted().joined(separator: ", ")
            )
        }
        let scalars = parts.joined(separator: "; ").unicodeScalars.lazy.map { scalar -> Unicode.Scalar in
            // The end of a line would begin another field.
            scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value ? " " : scalar
        }
        var line = String(String.UnicodeScalarView(scalars.prefix(Self.limit)))
        if scalars.count > Self.limit { line += "…" }
        return line
    }
}
