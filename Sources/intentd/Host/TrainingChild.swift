import Engine
import Glibc
import Learning
import Subprocess
import Synchronization
import SystemPackage
import Wire

extension TrainingProcess {
    /// Runs this very program as a child, `intentd train`, so that a crash, a hang or an allocation there cannot hurt
    /// serving.
    ///
    /// The child ends when its standard input closes, so it never outlives this process; cancelling sends SIGTERM, and
    /// SIGKILL two seconds later.
    static let child = TrainingProcess { order, progress in
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let words = Mutex("")
        do {
            let result = try await Subprocess.run(
                // The running binary, even after a newer one has replaced it on disk.
                .path(FilePath("/proc/self/exe")),
                arguments: [
                    "train", "--data", order.lesson.snapshot, "--out", order.lesson.version, "--lesson",
                    order.lesson.file, "--nice", "\(order.nice)", "--memory", "\(order.memory)", "--progress", "json",
                ],
                // The service manager talks to this process alone, so the child must not see how.
                environment: .inherit.updating([
                    "NOTIFY_SOCKET": nil, "WATCHDOG_PID": nil, "WATCHDOG_USEC": nil, "LISTEN_FDS": nil,
                    "LISTEN_FDNAMES": nil, "LISTEN_PID": nil,
                ]),
                platformOptions: options,
                input: .inputWriter,
                output: .sequence,
                error: .string(limit: 64 << 10)
            ) { execution in
                for try await line in execution.standardOutput.strings() {
                    guard let message = try? JSONParser.parse(line) else { continue }
                    if let step = message["step"]?.string, let fraction = message["fraction"]?.double {
                        progress(VersionBuilder.Progress(step: step, fraction: fraction))
                    } else if let error = message["error"]?.string {
                        words.withLock { $0 = error }
                    }
                }
            }
            try Task.checkCancellation()
            switch result.terminationStatus {
            case .exited(0): return
            case .exited(let code):
                let said = words.withLock { $0 }
                throw TrainingProcess.Failure.failed(
                    said.isEmpty ? "the training process ended with status \(code): \(result.standardError)" : said
                )
            case .signaled(let signal):
                // The kernel ends a process that way when the host, or the service, has no memory left.
                let help =
                    signal == 9
                    ? "; if nobody did that, memory was short: see training.memory and the service's MemoryMax" : ""
                throw TrainingProcess.Failure.failed("the training process was ended by signal \(signal)\(help)")
            }
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            throw TrainingProcess.Failure.notStarted("\(error)")
        }
    }
}
