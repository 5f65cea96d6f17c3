import Foundation
import Testing

/// What only a real systemd can show. Each scenario is a script that runs as root in a booted box, on units and binaries
/// that were installed for it.
@Suite(.serialized) struct `Under a booted systemd` {
    @Test(arguments: Box.names) func `a scenario holds`(name: String) throws {
        let (status, output) = try Box.shared.get().run(name)
        if status == Box.cannot {
            let why = output.split(separator: "\n").last { $0.hasPrefix("skipped: ") } ?? "skipped: no reason given"
            // Where everything must be proven, what cannot be is a failure.
            guard ProcessInfo.processInfo.environment["CI"] == "true" else {
                // The test's own words for it say no reason.
                FileHandle.standardError.write(Data("\(name): \(why)\n".utf8))
                try Test.cancel("\(why)")
            }
            Issue.record("\(name): \(why)")
        } else if status != 0 {
            Issue.record("\(name) ended with status \(status) and said:\n\(output)")
        }
    }

    @Test func `there are scenarios`() { #expect(Box.names.count >= 8) }
}
