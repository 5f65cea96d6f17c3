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

    /// Writes the file as a whole or not at all. Only its owner may read it, because it holds what people said.
    static func write(_ text: String, to path: String) throws(Failure) {
        let temporary = path + ".part"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("write", path) }
        let isWritten = Array(text.utf8).withUnsafeBytes { bytes in
            handOver(bytes) { Glibc.write(file, $0.baseAddress, $0.count) }
        }
        guard isWritten, fsync(file) == 0, close(file) == 0, rename(temporary, path) == 0 else {
            let error = failure("write", path)
            unlink(temporary)
            throw error
        }
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func failure(_ what: String, _ path: String) -> Failure {
        .failed("\(path) cannot be \(what == "read" ? "read" : "written"): \(description(of: errno)).")
    }
}
