import Learning
import Wire
import World

/// Rows as a file for `intentctl data import` and `intentd prepare --from`, in pages that fit an answer.
struct DataExport {
    enum What: String, Sendable, CaseIterable { case data, feedback }

    private static let page = 256 << 10

    let what: What
    let format: DataFile.Format
    let rows: [DataRow]

    /// Returns one page.
    ///
    /// - Parameter offset: the offset in bytes, which is `next` of the page before.
    func page(from offset: Int) -> JSON {
        let bytes =
            switch format {
            case .csv: DataFile.csv(rows, forSpreadsheets: true)
            case .jsonl: DataFile.jsonLines(rows)
            }
        let start = min(offset, bytes.count)
        var end = min(start + Self.page, bytes.count)
        // A line is far shorter than a page.
        if end < bytes.count { end = (bytes[start..<end].lastIndex(of: UInt8(ascii: "\n")) ?? end - 1) + 1 }
        return [
            "what": .string(what.rawValue), "format": .string(format.rawValue), "rows": .integer(rows.count),
            "sha256": .string(Digest.hex(bytes)),
            "content": .string(String(decoding: bytes[start..<end], as: UTF8.self)),
            "next": end < bytes.count ? .integer(end) : .null,
        ]
    }
}
