/// Files that people give for data files and that hold no lines of text: workbooks, archives, documents.
struct ForeignFile {
    /// Words that follow "The file is".
    var name: String
    var remedy: String

    private static let saved = "Open it, save the sheet as CSV (UTF-8), and give that file."
    private static let unpacked = "Unpack it first, and give the file that is in it."

    /// nil if the bytes may be text.
    init?(_ bytes: [UInt8]) {
        func starts(_ beginning: [UInt8]) -> Bool { bytes.starts(with: beginning) }
        if starts([0x50, 0x4B, 0x03, 0x04]) || starts([0x50, 0x4B, 0x05, 0x06]) {
            self = Self.zipped(bytes)
        } else if starts([0xD0, 0xCF, 0x11, 0xE0]) {
            self.init(name: "an old Excel workbook (.xls)", remedy: Self.saved)
        } else if starts([0x1F, 0x8B]) {
            self.init(name: "compressed (gzip)", remedy: "Unpack it first, such as with gunzip, and give that file.")
        } else if starts(Array("%PDF".utf8)) {
            self.init(name: "a PDF document", remedy: "Copy the texts into a sheet and save it as CSV (UTF-8).")
        } else if let name = Self.beginnings.first(where: { starts($0.bytes) })?.name {
            self.init(name: name, remedy: Self.unpacked)
        } else if starts(Array("SQLite format 3".utf8)) || starts(Array("PAR1".utf8)) {
            self.init(name: "a database", remedy: "Export the columns text and intent from it as CSV (UTF-8).")
        } else if starts([0x89, 0x50, 0x4E, 0x47]) || starts([0xFF, 0xD8, 0xFF]) {
            self.init(name: "a picture", remedy: "Give a CSV file with the columns text and intent.")
        } else if Self.isMarkup(bytes) {
            self.init(name: "HTML or XML", remedy: Self.saved)
        } else {
            return nil
        }
    }

    private init(name: String, remedy: String) { (self.name, self.remedy) = (name, remedy) }

    private static let beginnings: [(bytes: [UInt8], name: String)] = [
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "compressed (xz)"), ([0x28, 0xB5, 0x2F, 0xFD], "compressed (zstd)"),
        (Array("BZh".utf8), "compressed (bzip2)"), ([0x37, 0x7A, 0xBC, 0xAF], "an archive (7z)"),
        (Array("Rar!".utf8), "an archive (RAR)"),
    ]

    /// Office documents are ZIP archives too: the names of their members, which are not compressed, tell them apart.
    private static func zipped(_ bytes: [UInt8]) -> ForeignFile {
        let ends = Array(bytes.prefix(4_096)) + Array(bytes.suffix(65_536))
        func names(_ word: String) -> Bool {
            let wanted = Array(word.utf8)
            return ends.indices.contains { ends[$0] == wanted[0] && ends[$0...].starts(with: wanted) }
        }
        if names("opendocument.spreadsheet") { return ForeignFile(name: "an OpenDocument sheet (.ods)", remedy: saved) }
        if names("opendocument.") { return ForeignFile(name: "an OpenDocument file", remedy: saved) }
        if names("xl/") { return ForeignFile(name: "an Excel workbook (.xlsx)", remedy: saved) }
        if names("word/") { return ForeignFile(name: "a Word document (.docx)", remedy: saved) }
        return ForeignFile(name: "a ZIP archive", remedy: unpacked)
    }

    private static func isMarkup(_ bytes: [UInt8]) -> Bool {
        let start = bytes.prefix(256).drop { $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
        let words = String(decoding: start.prefix(16), as: UTF8.self).lowercased()
        return ["<!doctype", "<html", "<?xml", "<table"].contains { words.hasPrefix($0) }
    }
}
