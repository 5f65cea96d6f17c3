import Learning
import Synchronization
import Wire
import World

/// Rows as a file for `intentctl data import` and `intentd prepare --from`, in pages that fit an answer.
struct DataExport {
    enum What: String, Sendable, CaseIterable { case data, feedback }

    private static let page = 256 << 10

    let what: What
    let format: DataFile.Format
    private let rows: Int
    private let bytes: [UInt8]
    private let digest: String

    init(what: What, format: DataFile.Format, rows: [DataRow]) {
        (self.what, self.format, self.rows) = (what, format, rows.count)
        bytes =
            switch format {
            case .csv: DataFile.csv(rows, forSpreadsheets: true)
            case .jsonl: DataFile.jsonLines(rows)
            }
        digest = Digest.hex(bytes)
    }

    func hasPage(after offset: Int) -> Bool { offset + Self.page < bytes.count }

    /// Returns one page.
    ///
    /// - Parameter offset: the offset in bytes, which is `next` of the page before.
    func page(from offset: Int) -> JSON {
        let start = min(offset, bytes.count)
        var end = min(start + Self.page, bytes.count)
        // A line is far shorter than a page.
        if end < bytes.count { end = (bytes[start..<end].lastIndex(of: UInt8(ascii: "\n")) ?? end - 1) + 1 }
        return [
            "what": .string(what.rawValue), "format": .string(format.rawValue), "rows": .integer(rows),
            "sha256": .string(digest),
            "content": .string(String(decoding: bytes[start..<end], as: UTF8.self)),
            "next": end < bytes.count ? .integer(end) : .null,
        ]
    }
}

/// The files whose pages are being read. Each is made once, at its first page, and let go with its last; one that nobody
/// has asked for in a minute goes when the next begins.
final class Exports: Sendable {
    private static let patience: UInt64 = 60_000_000_000
    private static let atOnce = 2

    private struct Held {
        var uid: UInt32
        var export: DataExport
        var at: UInt64
    }

    private let held = Mutex<[Held]>([])

    /// nil if none is held of this kind for this user.
    func export(_ what: DataExport.What, _ format: DataFile.Format, uid: UInt32, at time: UInt64) -> DataExport? {
        held.withLock { held in
            held.removeAll { time >= $0.at && time - $0.at >= Self.patience }
            let place = held.firstIndex { $0.uid == uid && $0.export.what == what && $0.export.format == format }
            guard let place else { return nil }
            held[place].at = time
            return held[place].export
        }
    }

    func hold(_ export: DataExport, uid: UInt32, at time: UInt64) {
        letGo(export, uid: uid)
        held.withLock { held in
            held.append(Held(uid: uid, export: export, at: time))
            if held.count > Self.atOnce { held.removeFirst() }
        }
    }

    func letGo(_ export: DataExport, uid: UInt32) {
        held.withLock { held in
            held.removeAll { $0.uid == uid && $0.export.what == export.what && $0.export.format == export.format }
        }
    }
}
