package import World

/// The files of `data/` that name intents: moves in them, and takes a move back.
///
///     let files = IntentFiles(files: disk, folders: folders)
///     let plan = try files.plan(move)
///     try files.carryOut(move, plan.files, at: time)     // again after a crash, with the same arguments
package struct IntentFiles: Sendable {
    private let files: any FileSystem
    private let folders: Folders

    package init(files: any FileSystem, folders: Folders) { (self.files, self.folders) = (files, folders) }

    /// What the move would do: reads and judges every file, and changes nothing.
    ///
    /// - Throws: ``IntentMoveError`` where a file cannot follow, ``FileError``.
    package func plan(_ move: IntentMove) throws -> MovePlan {
        let before = try contents()
        let contents = MovedContents(before, by: move)
        try checkNames(contents)
        var plan = MovePlan()
        for file in MovedFile.allCases {
            guard let bytes = before[file], let moved = try contents.moved(file) else { continue }
            switch file {
            case .data: plan.rows += moved.count
            case .intents, .responses: plan.responses += moved.count
            case .golden, .behaviour: plan.cases += moved.count
            }
            guard moved.bytes != bytes else { continue }
            let (old, new) = (Digest.hex(bytes), Digest.hex(moved.bytes))
            plan.files.append(MovePlan.File(name: file.rawValue, before: old, after: new))
        }
        if before[.data] == nil { plan.rows = contents.templates }
        return plan
    }

    private func checkNames(_ contents: MovedContents) throws(IntentMoveError) {
        let move = contents.move
        let names = MovedFile.allCases.map { ($0, contents.names(in: $0)) }
        try move.check(among: names.reduce(into: Set<String>()) { $0.formUnion($1.1) }.sorted())
        guard let target = move.target, move.kind == .rename else { return }
        // Golden rows of both names harm nothing.
        for (file, names) in names where file != .golden && names.contains(target) {
            guard names.contains(where: { move.sources.contains($0) }) else { continue }
            let remedy = "Choose another name, or merge the two."
            throw IntentMoveError(
                .nameTaken,
                "There is an intent \(target.shown) already.",
                remedy: remedy,
                file: file.rawValue
            )
        }
    }

    /// Moves in every file of the plan. A file that was edited since is moved as it stands; one that follows already is left
    /// alone. The content before is copied beside each file first, so that this can be called again after a crash anywhere,
    /// and ends the same.
    ///
    /// - Parameter time: that of the move; it names the copies.
    /// - Throws: ``FileError``; ``IntentMoveError`` if a file was edited since so that it cannot follow, after all others.
    package func carryOut(_ move: IntentMove, _ plan: [MovePlan.File], at time: Timestamp) throws {
        let present = try contents()
        var before = present
        for (file, entry) in known(plan) where present[file].map(Digest.hex) == entry.after {
            if let copy = try copy(of: file, at: time, digest: entry.before) { before[file] = copy }
        }
        let contents = MovedContents(before, by: move)
        try follow(known(plan).map { ($0, $1.before, $1.after) })
        var failure: IntentMoveError?
        for (file, entry) in known(plan) {
            guard let bytes = present[file], Digest.hex(bytes) != entry.after else { continue }
            let moved: [UInt8]?
            do throws(IntentMoveError) {
                moved = try contents.moved(file)?.bytes
            } catch {
                failure = failure ?? error
                continue
            }
            guard let moved, moved != bytes else { continue }
            try replaceCopying(file, with: moved, at: time, unless: entry.before)
        }
        if let failure { throw failure }
    }

    /// Whether every file is still what the move left.
    package func isAsMoved(_ plan: [MovePlan.File]) throws -> Bool {
        for (file, entry) in known(plan) {
            guard let bytes = try read(path(file)), Digest.hex(bytes) == entry.after else { return false }
        }
        return true
    }

    /// Whether the move can be taken back.
    ///
    /// - Throws: ``FileError``; ``IntentMoveError`` if a copy is not what the move left.
    package func checkCopies(_ plan: [MovePlan.File], movedAt: Timestamp) throws {
        _ = try returning(plan, movedAt: movedAt)
    }

    /// Puts the files back that a move replaced, and copies the present ones beside them; it can be called again after a
    /// crash.
    ///
    /// - Parameter movedAt: the time of the move.
    /// - Parameter time: names the copies of the present files.
    /// - Throws: ``FileError``; ``IntentMoveError`` if a copy is not what the move left, before anything changes.
    package func undo(_ plan: [MovePlan.File], movedAt: Timestamp, at time: Timestamp) throws {
        let returning = try returning(plan, movedAt: movedAt)
        try follow(returning.map { ($0.file, $0.now, $0.digest) })
        for (file, _, bytes, _) in returning { try replaceCopying(file, with: bytes, at: time, unless: nil) }
    }

    /// The files that are not what they were before a move, with what they were.
    private func returning(
        _ plan: [MovePlan.File],
        movedAt: Timestamp
    ) throws -> [(file: MovedFile, now: String, bytes: [UInt8], digest: String)] {
        var returning: [(file: MovedFile, now: String, bytes: [UInt8], digest: String)] = []
        for (file, entry) in known(plan) {
            let now = try read(path(file)).map(Digest.hex) ?? ""
            if now == entry.before { continue }
            guard let bytes = try copy(of: file, at: movedAt, digest: entry.before) else {
                let name = Folders.replaced(file.rawValue, at: movedAt)
                let message = "The file before the move, \(name), is gone or was changed."
                let remedy = "Put it back from a backup, or change the names back with another move."
                throw IntentMoveError(.noCopy, message, remedy: remedy, file: name)
            }
            returning.append((file, now, bytes, entry.before))
        }
        return returning
    }
}

extension IntentFiles {
    private func path(_ file: MovedFile) -> String { folders.data + "/" + file.rawValue }

    private func known(_ plan: [MovePlan.File]) -> [(MovedFile, MovePlan.File)] {
        plan.compactMap { entry in MovedFile(rawValue: entry.name).map { ($0, entry) } }
    }

    private func contents() throws(FileError) -> [MovedFile: [UInt8]] {
        var contents: [MovedFile: [UInt8]] = [:]
        for file in MovedFile.allCases { contents[file] = try read(path(file)) }
        return contents
    }

    private func read(_ path: String) throws(FileError) -> [UInt8]? {
        files.status(path) == nil ? nil : try files.read(path, limit: FileLimit.data)
    }

    /// nil if there is no copy, or if it is another file.
    private func copy(of file: MovedFile, at time: Timestamp, digest: String) throws(FileError) -> [UInt8]? {
        guard let bytes = try read(Folders.replaced(path(file), at: time)), Digest.hex(bytes) == digest else {
            return nil
        }
        return bytes
    }

    /// - Parameter digest: of a copy that must not be overwritten.
    private func replaceCopying(
        _ file: MovedFile,
        with bytes: [UInt8],
        at time: Timestamp,
        unless digest: String?
    ) throws(FileError) {
        let path = path(file)
        let aside = Folders.replaced(path, at: time)
        if let present = try read(path) {
            let kept = try read(aside)
            let isTaken = digest != nil && kept.map(Digest.hex) == digest
            if kept != present, !isTaken { try files.replace(aside, with: present) }
        }
        try files.replace(path, with: bytes)
    }

    /// Lets the data file that `prepare` made stay so.
    private func follow(_ changes: [(file: MovedFile, from: String, to: String)]) throws(FileError) {
        func change(_ file: MovedFile) -> PreparedFile.Change? {
            changes.first { $0.file == file }.map { PreparedFile.Change(from: $0.from, to: $0.to) }
        }
        try PreparedFile(files: files, folders: folders).follow(data: change(.data), source: change(.intents))
    }
}
