import Learning
import TestSupport
import World

/// A folder of data in memory, with moves in it.
struct MoveBox {
    let disk: MemoryFileSystem
    static let folders = Folders(models: "/m", data: "/d", logs: "/l")
    static let time = Timestamp(microseconds: 1_790_000_000_000_000)
    static let later = Timestamp(microseconds: 1_790_000_100_000_000)

    var files: IntentFiles { IntentFiles(files: disk, folders: Self.folders) }

    init(_ files: [String: String] = [:]) {
        self.init(disk: MemoryFileSystem())
        for (name, text) in files { disk.put("/d/" + name, text) }
    }

    init(disk: MemoryFileSystem) { self.disk = disk }

    subscript(_ name: String) -> String? { disk.text("/d/" + name) }

    @discardableResult
    func carryOut(_ move: IntentMove) throws -> MovePlan {
        let plan = try files.plan(move)
        try files.carryOut(move, plan.files, at: Self.time)
        return plan
    }

    /// Everything on the disk.
    var contents: [String: [UInt8]] {
        disk.paths.reduce(into: [:]) { $0[$1] = disk.bytes($1) }
    }

    static func rename(_ old: String, _ new: String) -> IntentMove {
        IntentMove(kind: .rename, sources: [old], target: new)
    }

    static func merge(_ sources: [String], _ target: String) -> IntentMove {
        IntentMove(kind: .merge, sources: sources, target: target)
    }

    static func remove(_ intent: String) -> IntentMove { IntentMove(kind: .remove, sources: [intent]) }
}
