import Glibc

/// The few file operations that tests need, by system calls.
enum Files {
    struct Failure: Error, CustomStringConvertible {
        var description: String

        init(_ what: String, _ path: String) { description = "\(what) \(path): \(String(cString: strerror(errno)))" }
    }

    /// Empty where there is no such file.
    static func bytes(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    static func read(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

    static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

    static func write(_ bytes: [UInt8], to path: String) throws {
        try makeFolder(parent(of: path))
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("write", path) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let step = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            guard step > 0 else { throw Failure("write", path) }
            written += step
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Sorted; empty where there is no such folder.
    static func list(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func makeFolder(_ path: String) throws {
        guard !path.isEmpty, mkdir(path, 0o755) != 0, errno != EEXIST else { return }
        try makeFolder(parent(of: path))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Failure("make", path) }
    }

    static func remove(_ path: String) {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        if information.st_mode & S_IFMT == S_IFDIR {
            for name in list(path) { remove(path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    /// Files, folders and links; sockets stay behind.
    static func copy(_ from: String, to path: String) throws {
        var information = stat()
        guard lstat(from, &information) == 0 else { throw Failure("copy", from) }
        switch information.st_mode & S_IFMT {
        case S_IFDIR:
            try makeFolder(path)
            for name in list(from) { try copy(from + "/" + name, to: path + "/" + name) }
        case S_IFREG: try write(bytes(from), to: path)
        case S_IFLNK:
            guard let target = link(from), symlink(target, path) == 0 else { throw Failure("link", path) }
        default: break
        }
    }

    /// Where a link points; nil for what is none.
    static func link(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: 4_097)
        let length = readlink(path, &target, 4_096)
        return length < 0 ? nil : String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
