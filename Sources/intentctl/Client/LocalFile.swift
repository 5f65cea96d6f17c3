import Glibc
import Terminal

/// Files of the person who runs the tool. The tool reads and writes them with that person's rights and sends their content:
/// a daemon that opened paths for its clients would open what they may not.
enum LocalFile {
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let file = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("read", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Writes the file as a whole or not at all. Only its owner may read it, because it holds what people said. What is no
    /// file but a device or a pipe stays what it is, and a link stays a link.
    static func write(_ text: String, to path: String) throws(Failure) {
        let real = realpath(path, nil)
        defer { free(real) }
        let target = real.map { String(cString: $0) } ?? path
        let isFile = kind(of: target).map { $0 == S_IFREG } ?? true
        let place = isFile ? target + ".\(String(UInt32.random(in: 0 ... .max), radix: 36)).part" : target
        let flags = isFile ? O_CREAT | O_EXCL : O_APPEND
        let file = open(place, O_WRONLY | O_CLOEXEC | flags, 0o600)
        guard file >= 0 else { throw failure("write", path) }
        let isWritten = Array(text.utf8).withUnsafeBytes { bytes in
            handOver(bytes) { Glibc.write(file, $0.baseAddress, $0.count) }
        }
        let isKept = isWritten && (!isFile || fsync(file) == 0)
        let error = failure("write", path)
        let isClosed = close(file) == 0
        if isKept, isClosed, !isFile || rename(place, target) == 0 { return }
        let last = isKept ? failure("write", path) : error
        if isFile { unlink(place) }
        throw last
    }

    static func isFolder(_ path: String) -> Bool { kind(of: path) == S_IFDIR }

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    private static func failure(_ what: String, _ path: String) -> Failure {
        .failed("\(path) cannot be \(what == "read" ? "read" : "written"): \(description(of: errno)).")
    }
}
