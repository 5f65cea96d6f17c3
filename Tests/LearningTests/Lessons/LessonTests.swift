import TestSupport
import Testing
import Wire
import World

@testable import Learning

@Suite struct `A lesson` {
    private let files = MemoryFileSystem()

    private func lesson(champion: Lesson.Champion? = nil) throws -> Lesson {
        let lesson = Lesson(
            work: "/models/staging/job",
            data: "/data",
            rules: .usual(),
            targetPrecision: 0.95,
            feedback: [
                Said.item("cash back", "refund", uid: 7, at: 3, id: "one"),
                Said.item("when is it open", "hours", uid: 8, byAdmin: true, reviewer: 0, id: "two"),
            ],
            champion: champion
        )
        try files.makeDirectory(lesson.work)
        try files.makeDirectory(lesson.data)
        files.put(lesson.data + "/intents.csv", DataFile.csv(Shop.rows))
        try lesson.write(to: files)
        return lesson
    }

    @Test func `travels as a file`() throws {
        let champion = Lesson.Champion(version: 3, digest: "d", folder: "/models/versions/000003", snapshot: "/s.jsonl")
        var renamed = champion
        renamed.names = ["refund": "money", "hours": nil]
        for champion in [nil, champion, renamed] {
            let lesson = try lesson(champion: champion)
            #expect(try Lesson(lesson.file, in: files) == lesson)
        }
        files.put("/torn", "{\"work\":")
        #expect(throws: Lesson.Damaged(path: "/torn")) { try Lesson("/torn", in: files) }
        #expect(throws: Lesson.Damaged(path: "/none")) { try Lesson("/none", in: files) }
    }

    @Test func `reads the champion's intents by their present names`() {
        let names: [String: String?] = ["refund": "money", "hours": nil]
        let champion = Lesson.Champion(version: 3, digest: "d", folder: "/f", snapshot: "/s", names: names)
        #expect(champion.now("refund") == "money" && champion.now("delivery") == "delivery")
        #expect(champion.now("hours") == nil)
    }

    @Test func `leaves a report that is held against the files beside it`() async throws {
        let lesson = try lesson()
        #expect(throws: Lesson.Damaged(path: lesson.report)) { try LessonReport(of: lesson, in: files) }
        try await LessonWork(lesson, files: files, clock: ManualClock().clock).run(threads: 1) { _ in }
        let report = try LessonReport(of: lesson, in: files)
        #expect(report.outcome == .pass)
        #expect(report.names(of: .fail) == [])
        #expect(report.learned["applied"] == 2)
        #expect(report.championTrouble == nil)

        let snapshot = try files.read(lesson.snapshot)
        files.put(lesson.snapshot, snapshot + Array("\n".utf8))
        #expect(throws: Lesson.Damaged(path: lesson.snapshot)) { try LessonReport(of: lesson, in: files) }
        files.put(lesson.snapshot, snapshot)
        files.put(lesson.version + "/metadata.json", "{\"digest\":\"another\"}")
        #expect(throws: VersionError.self) { try LessonReport(of: lesson, in: files) }
    }

    @Test func `names the trouble with a champion that cannot be read`() async throws {
        let champion = Lesson.Champion(version: 3, digest: "d", folder: "/models/versions/000003", snapshot: "/s.jsonl")
        let lesson = try lesson(champion: champion)
        try await LessonWork(lesson, files: files, clock: ManualClock().clock).run(threads: 1) { _ in }
        let report = try LessonReport(of: lesson, in: files)
        #expect(report.championTrouble == "metadata.json is missing")
        #expect(report.outcome == .pass)
    }
}
