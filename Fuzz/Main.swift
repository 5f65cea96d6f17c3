// One program for all targets: INTENTD_FUZZ_TARGET names the one, the arguments are libFuzzer's. An environment variable,
// because libFuzzer starts itself again with its own arguments when it merges corpora.

import CFuzzer
import FoundationEssentials
import Terminal

/// What one input is given to. A target ends the process where a promise is broken.
typealias Target = (_ input: [UInt8]) -> Void

// libFuzzer takes a C function, which can capture nothing. Unsafe: set once, before the loop begins, on its thread.
nonisolated(unsafe) private var target: Target = { _ in }

@main enum Fuzz {
    private static let targets: [String: @Sendable () -> Target] = [
        "answer": AnswerTarget.make,
        "configuration": ConfigurationTarget.make,
        "data": DataTarget.make,
        "log": LogTarget.make,
        "model": ModelTarget.make,
        "protocol": ProtocolTarget.make,
    ]

    static func main() {
        guard StandardDescriptors.open() else { broken("/dev/null cannot be opened") }
        let name = ProcessInfo.processInfo.environment["INTENTD_FUZZ_TARGET"] ?? ""
        guard let make = targets[name] else {
            broken("INTENTD_FUZZ_TARGET is one of \(targets.keys.sorted().joined(separator: ", ")), not \"\(name)\".")
        }
        target = make()
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
            target(Array(UnsafeBufferPointer(start: data, count: size)))
            return 0
        }
    }
}

/// A promise is broken: says which, and lets libFuzzer keep the input.
func broken(_ what: String) -> Never { fatalError(what) }

func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { broken(what()) }
}

/// Bytes as a person can read them in a report.
func shown(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self).debugDescription }

/// Of a text file, whatever counts as the end of a line.
func greatestLine(of bytes: [UInt8]) -> Int {
    let ends: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
    var scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    if let last = scalars.last, ends.contains(last) { scalars.removeLast() }
    return scalars.count { ends.contains($0) } + 1
}
