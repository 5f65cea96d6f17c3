import ArgumentParser
import Glibc

/// The longest time that something is waited for, as people write it: 250ms, 30s, 5m, 2h, or a number of seconds.
struct Timeout: ExpressibleByArgument {
    /// From 1 to a week.
    let milliseconds: Int

    /// How long a daemon may say nothing where nobody says otherwise. One that works stays far below it: under systemd a
    /// client waits for the first training, and a long question for its turn.
    static let usual = Timeout(minutes: 10)

    private static let units: KeyValuePairs<String, Int> = [
        "ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
    ]

    init(minutes: Int) { milliseconds = minutes * 60_000 }

    init(milliseconds: Int) { self.milliseconds = milliseconds }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let unit = argument.dropFirst(digits.count)
        guard let number = Int(digits), number <= 604_800_000,
            let factor = unit.isEmpty ? 1_000 : Self.units.first(where: { $0.key == unit })?.value,
            1...604_800_000 ~= number * factor
        else { return nil }
        milliseconds = number * factor
    }
}

/// A clock that cannot be set.
enum Monotonic {
    static var milliseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
