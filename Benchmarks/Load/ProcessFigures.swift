import Glibc

/// The figures that the kernel has of another process.
struct ProcessFigures {
    /// Kilobytes.
    var resident = 0
    var anonymous = 0
    var proportional = 0
    /// Seconds of processor time so far, in steps of 10 ms.
    var cpu = 0.0
    var threads = 0
    var descriptors = 0

    init(pid: Int) throws {
        let status = try lines("/proc/\(pid)/status")
        resident = Self.value("VmRSS", status)
        anonymous = Self.value("RssAnon", status)
        threads = Self.value("Threads", status)
        // Only root may read it of another user's process.
        if let rollup = try? lines("/proc/\(pid)/smaps_rollup") { proportional = Self.value("Pss", rollup) }
        if let stat = try lines("/proc/\(pid)/stat").first, let end = stat.lastIndex(of: ")") {
            let fields = stat[end...].split(separator: " ")
            if fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) {
                cpu = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
            }
        }
        if let folder = opendir("/proc/\(pid)/fd") {
            while readdir(folder) != nil { descriptors += 1 }
            closedir(folder)
        }
    }

    private static func value(_ name: String, _ lines: [Substring]) -> Int {
        guard let line = lines.first(where: { $0.hasPrefix(name + ":") }) else { return 0 }
        return Int(line.split(whereSeparator: { " \t".contains($0) })[1]) ?? 0
    }
}

func bytes(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw explain("cannot read \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
    return bytes
}

func lines(_ path: String) throws -> [Substring] {
    String(decoding: try bytes(path), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
}
