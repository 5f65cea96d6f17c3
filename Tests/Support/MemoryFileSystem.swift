import Synchronization
import World

/// A disk in memory that knows what is on stable storage, and that can be full, fail, or die at any operation.
///
/// Every promise of ``FileSystem`` is kept: what `replace`, `rename`, `link` and `makeDirectory` did is durable when
/// they return; what an append file got is durable after its `synchronize`.
package final class MemoryFileSystem: FileSystem {
    /// A file's content: what an open file holds, whatever name it has by now.
    ///
    /// Unchecked: everything in it is touched under the lock of the file system alone.
    final class Content: @unchecked Sendable {
        var bytes: [UInt8]
        /// So many bytes survive a power cut.
        var synced: Int
        /// So many bytes whoever has it open for appending believes to be in it.
        var expected: Int

        init(_ bytes: [UInt8], synced: Int) {
            self.bytes = bytes
            self.synced = synced
            expected = bytes.count
        }
    }

    enum Node: Sendable {
        case folder
        case link(String)
        case file(Content)

        static func stored(_ bytes: [UInt8]) -> Node { .file(Content(bytes, synced: bytes.count)) }

        var isFolder: Bool { if case .folder = self { true } else { false } }
    }

    package enum Fault: Sendable, Equatable {
        case none
        /// Dies at the operation with this number, from 1, before or after it took effect; nothing works from then on.
        case crash(at: Int, afterEffect: Bool)
        /// Nothing that needs space works.
        case full
        /// Appends take so many bytes of what they are given, and fail.
        case short(Int)
        /// Every operation whose description contains this text fails with an I/O error.
        case broken(String)
    }

    struct State: Sendable {
        var nodes: [String: Node] = [:]
        var fault = Fault.none
        var operations = 0
        var bytesRead = 0
        var isDead = false
        /// What was done, such as `replace /data/intents.csv`.
        var journal: [String] = []
        /// Called before an operation that changes something, with its description.
        var observer: (@Sendable (String) -> Void)?
        /// Paths that lie on the real disk: the database is SQLite's own affair.
        var realPrefix: String?
    }

    let state: Mutex<State>

    package convenience init() { self.init([:]) }

    private init(_ nodes: [String: Node]) { state = Mutex(State(nodes: nodes)) }

    // MARK: What a test does to it

    package func set(_ fault: Fault) {
        state.withLock { state in
            state.fault = fault
            state.operations = 0
        }
    }

    package func observe(_ observer: (@Sendable (String) -> Void)?) { state.withLock { $0.observer = observer } }

    package func lieOnDisk(_ prefix: String) { state.withLock { $0.realPrefix = prefix } }

    package var operations: Int { state.withLock { $0.operations } }

    package var bytesRead: Int { state.withLock { $0.bytesRead } }

    package var journal: [String] { state.withLock { $0.journal } }

    package var isDead: Bool { state.withLock { $0.isDead } }

    package var paths: [String] { state.withLock { $0.nodes.keys.sorted() } }

    /// The disk after a power cut: only what was synced.
    package func afterCrash() -> MemoryFileSystem {
        MemoryFileSystem(
            state.withLock { state in
                state.nodes.mapValues { node in
                    if case .file(let file) = node { return .stored(Array(file.bytes.prefix(file.synced))) }
                    return node
                }
            }
        )
    }

    /// Puts a file there, whatever the fault.
    package func put(_ path: String, _ text: String) { put(path, Array(text.utf8)) }

    package func put(_ path: String, _ bytes: [UInt8]) {
        state.withLock { state in
            state.makeParents(of: path)
            state.nodes[state.resolve(path)] = .stored(bytes)
        }
    }

    package func bytes(_ path: String) -> [UInt8]? {
        state.withLock { state in
            if case .file(let file) = state.nodes[state.resolve(path)] { return file.bytes }
            return nil
        }
    }

    /// Empties a file in its place, as `> file` of a shell does.
    package func empty(_ path: String) {
        state.withLock { state in
            guard case .file(let file) = state.nodes[state.resolve(path)] else { return }
            (file.bytes, file.synced) = ([], 0)
        }
    }

    package func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    /// Where the link at `path` points.
    package func target(_ path: String) -> String? {
        state.withLock { state in
            if case .link(let target) = state.nodes[path] { return target }
            return nil
        }
    }

    // MARK: Faults

    /// Runs one operation under the fault that is set.
    func perform<Value>(
        _ operation: String,
        _ path: String,
        needsSpace: Bool = false,
        changes: Bool = true,
        _ body: (inout State) throws(FileError) -> Value
    ) throws(FileError) -> Value {
        let words = "\(operation) \(path)"
        if changes, let observer = state.withLock({ $0.observer }) { observer(words) }
        let result: Result<Value, FileError> = state.withLock { state in
            func error(_ kind: FileError.Kind, _ detail: String) -> Result<Value, FileError> {
                .failure(FileError(kind, operation: operation, path: path, detail: detail))
            }
            if state.isDead { return error(.failed, "the power is off") }
            if changes { state.operations += 1 }
            switch state.fault {
            case .full where needsSpace: return error(.full, "No space left on device")
            case .broken(let part) where words.contains(part): return error(.failed, "Input/output error")
            case .crash(let number, let afterEffect) where changes && state.operations >= number:
                if afterEffect, state.operations == number { _ = try? body(&state) }
                state.isDead = true
                return error(.failed, "the power went off")
            default: break
            }
            if changes { state.journal.append(words) }
            do throws(FileError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    static func missing(_ operation: String, _ path: String) -> FileError {
        FileError(.notFound, operation: operation, path: path, detail: "No such file or directory")
    }
}

extension MemoryFileSystem.State {
    /// The path with every link in it followed.
    func resolve(_ path: String, depth: Int = 0) -> String {
        guard depth < 20 else { return path }
        var resolved = ""
        let parts = path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            if part == "." { continue }
            if part == ".." {
                resolved = Self.parent(of: resolved)
                continue
            }
            let next = resolved + "/" + part
            if case .link(let target) = nodes[next] {
                let rest = parts[(index + 1)...].map { "/" + $0 }.joined()
                let base = target.hasPrefix("/") ? target : resolved + "/" + target
                return resolve(base + rest, depth: depth + 1)
            }
            resolved = next
        }
        return resolved
    }

    func status(of file: MemoryFileSystem.Content) -> FileStatus {
        var links = 0
        for case .file(let other) in nodes.values where other === file { links += 1 }
        let inode = UInt64(UInt(bitPattern: ObjectIdentifier(file).hashValue))
        return FileStatus(
            kind: .file,
            size: file.bytes.count,
            identity: FileIdentity(device: 1, inode: inode),
            links: links
        )
    }

    mutating func makeParents(of path: String) {
        let parent = Self.parent(of: path)
        guard !parent.isEmpty, nodes[resolve(parent)] == nil else { return }
        makeParents(of: parent)
        nodes[parent] = .folder
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
