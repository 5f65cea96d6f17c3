import FoundationEssentials
import Glibc
import Synchronization

struct SystemFailure: Error, CustomStringConvertible {
    let code: Int32
    init(_ code: Int32) { self.code = code }
    var description: String { String(cString: strerror(code)) }
}

/// A child that is started between the making of a descriptor and its close-on-exec mark inherits it, and a connection
/// that another test's child holds is never closed. So the two exclude each other.
enum Descriptors {
    static let inheritance = Mutex<Void>(())

    /// A pipe that no child inherits but by its standard descriptors.
    static func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        let status = inheritance.withLock { _ in
            let status = Glibc.pipe(&ends)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return status
        }
        guard status == 0 else { throw SystemFailure(errno) }
        return (ends[0], ends[1])
    }
}

/// A new folder with a short name, so that socket paths fit; it goes with the object.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/ictl-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure(errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func make(_ name: String) throws -> String {
        var made = path
        for part in name.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw SystemFailure(errno) }
        }
        return made
    }
}

func contents(of path: String) -> [UInt8] {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return [] }
    defer { close(file) }
    return contents(of: file)
}

/// Everything up to the end; the end of a pseudo-terminal comes as an error.
func contents(of file: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(file, &buffer, buffer.count)
        if count <= 0 { return bytes }
        bytes += buffer[..<count]
    }
}
