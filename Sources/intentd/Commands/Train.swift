import ArgumentParser
import Classifier
import Engine
import Glibc
import Learning
import Terminal
import Wire
import World

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains one version, offline, on the rows of split train.",
        discussion: "The data file is CSV or JSON lines with text, intent, and optionally split, weight and source."
    )

    enum ProgressStyle: String, ExpressibleByArgument { case bar, json, none }

    @Option(help: "The data file.")
    var data: String

    @Option(help: "The folder for the version; new or empty.")
    var out: String

    @Option(help: "Lower the priority by this much (0 to 19); 19 only takes what nobody else wants.")
    var nice: Int32?

    @Option(help: "Limit the memory of this process, such as 2GiB.")
    var memory: String?

    @Option(help: "How often local answers must be proven right: 0.5 to 0.999.")
    var targetPrecision = 0.95

    @Option(help: "By whose letters case is folded: und, az, lt or tr.")
    var language = Configuration().language

    @Option(help: "How many cores to train on (default: all). The model is the same.")
    var threads: Int?

    @Option(help: "A file for the rows whose label looks wrong, the surest first.")
    var labelErrors: String?

    @Option(
        help: ArgumentHelp(
            "For the daemon itself: what to make the data of, and whom to compare with.",
            visibility: .hidden
        )
    )
    var lesson: String?

    @Option(help: "How to show progress: bar, json or none.")
    var progress: ProgressStyle = .bar

    @Flag(help: "Print the evaluation as JSON.")
    var json = false

    func validate() throws {
        guard (0.5...0.999).contains(targetPrecision) else {
            throw ValidationError("--target-precision must be a number from 0.5 to 0.999")
        }
        guard (1...256).contains(threads ?? 1) else {
            throw ValidationError("--threads must be a number from 1 to 256")
        }
    }

    mutating func run() async throws {
        let meter = ProgressMeter(style: progress)
        let allowed = Limits.apply(nice: nice, memory: try memory.map(Self.bytes))
        Limits.sayWhenMemoryEnds(asJSON: progress == .json)
        if progress == .json { Limits.endWithStandardInput() }
        do {
            if let lesson {
                let files = HostFileSystem()
                try await LessonWork(try Lesson(lesson, in: files), files: files, clock: .host)
                    .run(threads: threads ?? allowed) { meter.show($0) }
                return meter.finish()
            }
            let built = try await VersionBuilder(files: HostFileSystem(), clock: .host).build(
                data: data,
                out: out,
                settings: Settings(targetPrecision: targetPrecision, language: language),
                threads: threads ?? allowed,
                labelErrors: labelErrors
            ) { meter.show($0) }
            meter.finish()
            if progress == .json { return }
            let result = built.evaluation?.json ?? .null
            Output.standard.write(json ? result.description + "\n" : Report.training(built, out: out))
        } catch {
            meter.finish()
            throw CommandFailure.of(error, isJSON: progress == .json || json)
        }
    }

    private static func bytes(_ text: String) throws -> Int {
        guard let bytes = ValueKind<Int>.size((64 << 20)...(1 << 40)).parse(.scalar(text, isQuoted: false)) else {
            throw ValidationError("--memory must be a size such as 2GiB, at least 64MiB")
        }
        return bytes
    }
}

extension Configuration.Language: ExpressibleByArgument {}

/// Limits that a training process sets for itself before it starts, so that it disturbs nobody.
enum Limits {
    /// Sets the limits as far as the system lets it. Where the system refuses, the process says so once and trains on one
    /// core.
    ///
    /// - Returns: the number of threads to train with.
    static func apply(nice: Int32?, memory: Int?) -> Int {
        var refused = false
        if let nice, !BackgroundPriority.lower(by: nice) { refused = true }
        if let memory {
            var limit = rlimit(rlim_cur: rlim_t(memory), rlim_max: rlim_t(memory))
            if setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit) != 0 { refused = true }
        }
        if refused {
            Output.error.write("intentd: the priority or the memory limit could not be set; training on one core.\n")
        }
        return refused ? 1 : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Lets this process say why it ends when it gets no more memory, where the language's runtime aborts it. Nothing may be
    /// allocated any more by then, so the words are fixed.
    static func sayWhenMemoryEnds(asJSON isJSON: Bool) {
        if isJSON {
            signal(SIGABRT) { _ in
                let words: StaticString =
                    "{\"error\":\"the training ran out of memory; give it more with training.memory, or train on fewer rows or intents\"}\n"
                _ = Glibc.write(STDOUT_FILENO, words.utf8Start, words.utf8CodeUnitCount)
                _exit(1)
            }
        } else {
            signal(SIGABRT) { _ in
                let words: StaticString =
                    "intentd: the training ran out of memory; give it more with --memory (the daemon's own: training.memory), or train on fewer rows or intents.\n"
                _ = Glibc.write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
                _exit(1)
            }
        }
    }

    /// Ends this process when its standard input ends, because then its parent has gone.
    static func endWithStandardInput() {
        BackgroundThread.start("parent") {
            var byte: UInt8 = 0
            while case let count = Glibc.read(0, &byte, 1), count > 0 || (count < 0 && errno == EINTR) {}
            _exit(1)
        }
    }
}
