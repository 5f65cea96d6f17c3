import Glibc
import World

extension HostFileSystem {
    /// Reads what a person gives on the command line: a file, a pipe, or `-` for standard input, of at most `limit` bytes. The
    /// daemon itself never reads from pipes, which may keep it waiting.
    static func readToEnd(_ path: String, limit: Int = FileLimit.data) throws(FileError) -> [UInt8] {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .host("read", path) }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .host("read", path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                let detail = "it has more than \(limit >> 20) MiB, and no more are read"
                throw FileError(.tooLarge, operation: "read", path: path, detail: detail)
            }
        }
    }
}
