import Synchronization
import TestSupport
import World

@testable import Engine

/// A disk on which something happens while a file is being read.
final class InterruptedFileSystem: FileSystem {
    private struct Interruption {
        var path: String
        var reads: Int
        var act: @Sendable () -> Void
    }

    private let files: MemoryFileSystem
    private let next = Mutex<Interruption?>(nil)

    init(_ files: MemoryFileSystem) { self.files = files }

    /// Calls `act` before the read of `path` that follows `count` others, once.
    func interrupt(afterReads count: Int, of path: String, _ act: @escaping @Sendable () -> Void) {
        next.withLock { $0 = Interruption(path: path, reads: count, act: act) }
    }

    func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        let act = next.withLock { next -> (@Sendable () -> Void)? in
            guard let waiting = next, waiting.path == path else { return nil }
            next = waiting.reads == 0 ? nil : Interruption(path: path, reads: waiting.reads - 1, act: waiting.act)
            return waiting.reads == 0 ? waiting.act : nil
        }
        act?()
        return try files.read(path, at: offset, count: count)
    }

    func read(_ path: String) throws(FileError) -> [UInt8] { try files.read(path) }
    func status(_ path: String) -> FileStatus? { files.status(path) }
    func list(_ path: String) throws(FileError) -> [String] { try files.list(path) }
    func makeDirectory(_ path: String) throws(FileError) { try files.makeDirectory(path) }
    func replace(_ path: String, with bytes: [UInt8]) throws(FileError) { try files.replace(path, with: bytes) }
    func rename(_ from: String, to: String) throws(FileError) { try files.rename(from, to: to) }
    func link(_ path: String, to target: String) throws(FileError) { try files.link(path, to: target) }
    func synchronize(_ path: String) throws(FileError) { try files.synchronize(path) }
    func remove(_ path: String) throws(FileError) { try files.remove(path) }
    func append(to path: String) throws(FileError) -> any AppendFile { try files.append(to: path) }
}
