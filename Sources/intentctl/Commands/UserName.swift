import Glibc
import Terminal

/// What this host calls a uid: the daemon knows numbers alone.
enum UserName {
    /// `alice (1000)`, or the number where nobody has it.
    static func text(_ uid: Int?) -> String {
        guard let uid else { return "–" }
        guard let name = uid_t(exactly: uid).flatMap(name) else { return String(uid) }
        return "\(Printable.line(name)) (\(uid))"
    }

    private static func name(_ uid: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return nil
        }
        return String(cString: name)
    }
}
