import FoundationEssentials
import Glibc
import Synchronization
package import World

extension MemoryFileSystem {
    package func read(_ path: String) throws(FileError) -> [UInt8] { try read(path, at: 0, count: .max) }

    package func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        if isReal(path) {
            guard let bytes = FileManager.default.contents(atPath: path) else { throw Self.missing("read", path) }
            return Array(bytes.dropFirst(offset).prefix(count))
        }
        return try perform("read", path, changes: false) { state throws(FileError) in
            guard case .file(let file) = state.nodes[state.resolve(path)] else { throw Self.missing("read", path) }
            let bytes = Array(file.bytes.dropFirst(offset).prefix(count))
            state.bytesRead += bytes.count
            return bytes
        }
    }

    package func status(_ path: String) -> FileStatus? {
        if isReal(path) {
            var information = stat()
            guard stat(path, &information) == 0 else { return nil }
            let isFolder = information.st_mode & S_IFMT == S_IFDIR
            return FileStatus(
                kind: isFolder ? .directory : .file,
                size: Int(information.st_size),
                identity: FileIdentity(device: UInt64(information.st_dev), inode: UInt64(information.st_ino)),
                links: Int(information.st_nlink)
            )
        }
        return state.withLock { state in
            switch state.nodes[state.resolve(path)] {
            case .folder: FileStatus(kind: .directory, size: 0)
            case .file(let file): state.status(of: file)
            case .link, nil: nil
            }
        }
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        try perform("list", path, changes: false) { state throws(FileError) in
            let folder = state.resolve(path)
            guard state.nodes[folder]?.isFolder == true else { throw Self.missing("list", path) }
            return state.nodes.keys.filter { State.parent(of: $0) == folder }.map {
                String($0.dropFirst(folder.count + 1))
            }
            .sorted()
        }
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        if status(path)?.kind == .directory { return }
        try perform("make", path, needsSpace: true) { state throws(FileError) in
            state.makeParents(of: path)
            state.nodes[state.resolve(path)] = .folder
        }
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        try perform("replace", path, needsSpace: true) { state throws(FileError) in
            guard state.nodes[state.resolve(State.parent(of: path))]?.isFolder == true else {
                throw Self.missing("replace", path)
            }
            state.nodes[state.resolve(path)] = .stored(bytes)
        }
    }

    package func rename(_ from: String, to path: String) throws(FileError) {
        if isReal(from) {
            do {
                try FileManager.default.createDirectory(
                    atPath: State.parent(of: path),
                    withIntermediateDirectories: true
                )
                try FileManager.default.moveItem(atPath: from, toPath: path)
            } catch {
                throw FileError(.failed, operation: "rename", path: from, detail: "\(error)")
            }
            put(path, [])
            return
        }
        try perform("rename", "\(from) to \(path)") { state throws(FileError) in
            guard let node = state.nodes[from] else { throw Self.missing("rename", from) }
            let below = state.nodes.filter { $0.key.hasPrefix(from + "/") }
            // A folder takes no other's place, as rename(2) has it.
            guard !state.nodes.keys.contains(where: { $0.hasPrefix(path + "/") }) else {
                throw FileError(.failed, operation: "rename", path: path, detail: "Directory not empty")
            }
            state.nodes[from] = nil
            state.nodes[path] = node
            for (key, node) in below {
                state.nodes[key] = nil
                state.nodes[path + key.dropFirst(from.count)] = node
            }
        }
    }

    package func link(_ path: String, to target: String) throws(FileError) {
        if self.target(path) == target { return }
        try perform("link", path, needsSpace: true) { state throws(FileError) in state.nodes[path] = .link(target) }
    }

    package func synchronize(_ path: String) throws(FileError) {
        try perform("sync", path) { state throws(FileError) in
            for (key, node) in state.nodes where key.hasPrefix(state.resolve(path) + "/") {
                if case .file(let file) = node { file.synced = file.bytes.count }
            }
        }
    }

    package func remove(_ path: String) throws(FileError) {
        guard state.withLock({ $0.nodes[path] }) != nil else { return }
        try perform("remove", path) { state throws(FileError) in
            state.nodes[path] = nil
            for key in state.nodes.keys where key.hasPrefix(path + "/") { state.nodes[key] = nil }
        }
    }

    package func append(to path: String) throws(FileError) -> any AppendFile {
        let open = { (state: State) -> Content? in
            if case .file(let file) = state.nodes[state.resolve(path)] { file } else { nil }
        }
        let present = state.withLock { state in
            let file = open(state)
            file.map { $0.expected = $0.bytes.count }
            return file
        }
        if let present { return MemoryAppendFile(files: self, path: path, content: present) }
        let content = try perform("create", path, needsSpace: true) { state throws(FileError) in
            let content = Content([], synced: 0)
            state.makeParents(of: path)
            state.nodes[state.resolve(path)] = .file(content)
            return content
        }
        return MemoryAppendFile(files: self, path: path, content: content)
    }

    private func isReal(_ path: String) -> Bool {
        state.withLock { state in state.realPrefix.map { path.hasPrefix($0) } ?? false }
    }
}

private final class MemoryAppendFile: AppendFile {
    private let files: MemoryFileSystem
    private let path: String
    private let content: MemoryFileSystem.Content

    package init(files: MemoryFileSystem, path: String, content: MemoryFileSystem.Content) {
        self.files = files
        self.path = path
        self.content = content
    }

    package var size: Int { files.state.withLock { [content] _ in content.expected } }

    package var status: FileStatus? { files.state.withLock { [content] state in state.status(of: content) } }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        try files.perform("append", path, needsSpace: true) { [content, path] state throws(FileError) in
            guard case .short(let room) = state.fault else {
                content.bytes += bytes
                content.expected += bytes.count
                return
            }
            content.bytes += bytes.prefix(room)
            content.expected += min(room, bytes.count)
            throw FileError(.full, operation: "append", path: path, detail: "No space left on device")
        }
    }

    package func synchronize() throws(FileError) {
        try files.perform("sync", path) { [content] _ throws(FileError) in content.synced = content.bytes.count }
    }

    package func truncate(to size: Int) throws(FileError) {
        try files.perform("truncate", path) { [content] _ throws(FileError) in
            content.bytes = Array(content.bytes.prefix(size))
            content.expected = content.bytes.count
            content.synced = min(content.synced, size)
        }
    }
}
