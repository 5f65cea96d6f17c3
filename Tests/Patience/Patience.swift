import Glibc

/// Waiting for what happens by itself. How long that takes is the machine's business and no test's: there is one limit,
/// and only what hangs reaches it.
package enum Patience {
    /// Whatever is waited for takes a small part of it, also on a machine that is busy with other things.
    package static let seconds = 120.0

    /// The first value there is; nil where it hangs.
    package static func wait<Value>(for value: () throws -> Value?) rethrows -> Value? {
        let end = now + seconds
        while true {
            if let value = try value() { return value }
            if now > end { return nil }
            usleep(3_000)
        }
    }

    package static func until(_ isTrue: () throws -> Bool) rethrows -> Bool {
        try wait { try isTrue() ? true : nil } ?? false
    }

    /// The same, for tests that must not block their thread.
    package static func eventually(_ isTrue: () async throws -> Bool) async rethrows -> Bool {
        let end = now + seconds
        while now < end {
            if try await isTrue() { return true }
            try? await Task.sleep(for: .milliseconds(3))
        }
        return try await isTrue()
    }

    /// Seconds by a clock that never goes back.
    package static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
