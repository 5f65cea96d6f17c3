import Glibc
import Terminal

/// The name that this host has for a uid. The daemon knows numbers alone, since names may change.
enum UserName {
    /// `alice (1000)`, or the number alone where no user has it.
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
