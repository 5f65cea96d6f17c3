import Classifier
import Glibc
import Learning
import Terminal

// Figures for people: how right, how fast. Every time stands beside a yardstick of the same run, because machines
// differ and ratios travel.

guard StandardDescriptors.open() else { exit(2) }
let paths = CommandLine.arguments.dropFirst()
guard !paths.isEmpty else {
    print(
        "usage: intentd-bench FILE…         (CSV or JSON lines with text, intent and split; files without split are small)"
    )
    print("       intentd-bench --claims N    (what N models of each of four shapes claim, and what is true)")
    print("       intentd-bench --claims N FILE…  (the same of few rows of each intent, drawn N times from each file)")
    exit(2)
}
if paths.first == "--claims" {
    let seeds = paths.dropFirst().first.flatMap { Int($0) } ?? 200
    let files = paths.dropFirst(2).filter { $0.contains(".") }
    for file in files { try await tellFewShots(file, seeds: seeds) }
    if files.isEmpty { try await tellClaims(seeds: seeds, only: paths.dropFirst(2).first) }
    exit(0)
}

let sweep = Yardstick.sweep()
print("yardstick: one pass of multiply-add over 64 MiB of floats \(milliseconds(sweep))")
for path in paths {
    do {
        try await measure(path, sweep)
    } catch {
        print("\(path): \(error)")
        exit(1)
    }
}

/// Trains on split train, calibrates on val, measures on test; once.
func measure(_ path: String, _ sweep: Double) async throws {
    let parsed = DataFile.parse(try read(path), format: DataFile.Format.of(path: path))
    guard parsed.usable else { throw VersionBuilder.Failure.unusable(path, parsed.findings) }
    if parsed.rows.allSatisfy({ $0.split == nil }) { return try await validate(path, parsed.rows) }
    let (train, validation) = VersionBuilder.lesson(of: parsed.rows)
    let test = VersionBuilder.examples(parsed.rows, .test)
    var seconds: [Double] = []
    var model: Model?
    var bytes: [UInt8] = []
    for _ in 0..<3 {
        let began = now()
        let trained = try await Trainer.train(
            train,
            validation: validation,
            settings: Settings(),
            threads: 2,
            progress: { _ in }
        )
        bytes = trained.serialized()
        seconds.append(now() - began)
        model = trained
    }
    guard let model else { return }
    let best = seconds.min() ?? 0
    print("\n\(path.split(separator: "/").last ?? ""): \(train.count) training rows, \(model.intents.count) intents")
    print("  train, everything included   \(fixed(best, 2)) s   \(fixed(best / sweep, 0)) × yardstick")
    print("  model                        \(fixed(Double(bytes.count) / 1e6, 1)) MB, \(model.featureCount) features")
    let evaluation = evaluate(model, on: test.isEmpty ? train : test)
    print("  accuracy                     \(fixed(evaluation.accuracy * 100, 2)) %")
    print("  calibration error            \(fixed(evaluation.ece * 100, 2)) %")
    if let auroc = evaluation.oosAUROC { print("  out of scope AUROC           \(fixed(auroc * 100, 2)) %") }
    print("  threshold                    \(words(model.threshold))")
    print(
        "  answered locally             \(fixed(evaluation.coverage * 100, 1)) %, right \(fixed((evaluation.selectiveAccuracy ?? 0) * 100, 1)) %"
    )
    let times = classify(model, test.isEmpty ? train : test)
    print(
        "  classify one text            p50 \(fixed(times.p50 * 1e6, 2)) µs, p99 \(fixed(times.p99 * 1e6, 2)) µs, "
            + "p50 \(fixed(times.p50 / sweep * 1e3, 2)) thousandths of the yardstick"
    )
}

/// For a file that is too small to be dealt: each fourth of every intent is classified by a model of the other three.
func validate(_ path: String, _ rows: [DataRow]) async throws {
    var seen: [String: Int] = [:]
    let parts = rows.map { row in
        seen[row.intent, default: 0] += 1
        return seen[row.intent, default: 0] % 4
    }
    var right = 0
    var workspace = Workspace()
    for part in 0..<4 {
        let train = zip(rows, parts).filter { $1 != part }.map { Example(text: $0.0.text, intent: $0.0.intent) }
        let model = try await Trainer.train(train)
        for (row, other) in zip(rows, parts) where other == part {
            let prediction = model.predict(row.text, top: 1, workspace: &workspace)
            if model.intents[prediction.intent] == row.intent { right += 1 }
        }
    }
    let share = fixed(Double(right) / Double(rows.count) * 100, 1)
    print("\n\(path.split(separator: "/").last ?? ""): \(right) of \(rows.count) rows right in four folds, \(share) %")
}

func classify(_ model: Model, _ examples: [Example]) -> (p50: Double, p99: Double) {
    var workspace = Workspace()
    var times: [Double] = []
    times.reserveCapacity(examples.count * 3)
    for round in 0..<4 {
        for example in examples {
            let began = now()
            let prediction = model.predict(example.text, top: 1, workspace: &workspace)
            let took = now() - began
            // The first round warms the caches; the comparison keeps the call alive.
            if round > 0, prediction.intent >= 0 { times.append(took) }
        }
    }
    times.sort()
    return (times[times.count / 2], times[times.count * 99 / 100])
}
