import Glibc
import World

/// Keeps a second daemon out of the same folders, with an advisory lock that the kernel drops with the process, however
/// the process ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    struct Held: Error, CustomStringConvertible {
        var path: String
        var pid: String

        var description: String {
            "another intentd\(pid.isEmpty ? "" : " (pid \(pid))") runs on these folders: it holds \(path). "
                + "Stop it, or give this one a --root of its own."
        }
    }

    /// - Throws: ``Held``, ``FileError``.
    init(_ path: String) throws {
        descriptor = try Self.open(path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            // `deinit` closes the descriptor; it runs after a throw from here, too.
            if errno == EWOULDBLOCK { throw Held(path: path, pid: Self.owner(descriptor)) }
            throw FileError.host("lock", path)
        }
        // The pid is for a person who wonders who holds the lock.
        ftruncate(descriptor, 0)
        let pid = "\(getpid())\n"
        _ = pid.utf8CString.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, pid.utf8.count, 0) }
    }

    deinit { close(descriptor) }

    /// Where the disk takes no writes, a file that is there can be locked all the same; else the folder is.
    private static func open(_ path: String) throws(FileError) -> Int32 {
        let flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | flags, 0o600)
        if descriptor >= 0 { return descriptor }
        let code = errno
        let failure = FileError.host("open", path)
        guard [EROFS, ENOSPC, EDQUOT].contains(code) else { throw failure }
        for (path, kind) in [(path, 0), (HostFileSystem.parent(of: path), O_DIRECTORY)] {
            let descriptor = Glibc.open(path, O_RDONLY | kind | O_CLOEXEC | O_NONBLOCK)
            if descriptor >= 0 { return descriptor }
        }
        throw failure
    }

    private static func owner(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
