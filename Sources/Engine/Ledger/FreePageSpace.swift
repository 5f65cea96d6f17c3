/// Where a page of an SQLite database holds nothing that counts: the gap between the pointers to its cells and the cells,
/// and the blocks between cells that were freed. SQLite leaves there what it moved to other pages.
///
/// The layout is that of SQLite's file format, version 3, chapter 1.6.
enum FreePageSpace {
    /// The bytes at the beginning of the first page that are no part of its tree.
    private static let fileHeader = 100

    /// Overwrites the free space of a page with zeros.
    ///
    /// - Parameters:
    ///   - page: the bytes of one page.
    ///   - isFirst: whether it is the file's first page.
    ///   - usable: the bytes of a page that SQLite uses.
    /// - Returns: the ranges that held something; none for a page of no tree, or one that is not as it should be.
    static func clear(_ page: UnsafeMutableBufferPointer<UInt8>, isFirst: Bool, usable: Int) -> [Range<Int>] {
        let header = isFirst ? fileHeader : 0
        func number(at place: Int) -> Int { Int(page[place]) << 8 | Int(page[place + 1]) }
        guard usable <= page.count, usable >= 480 else { return [] }
        let pointers: Int
        switch page[header] {
        // The inner pages of an index and of a table, and their leaves. No other kind of page begins with these numbers
        // as long as the file has less than 2^25 pages.
        case 2, 5: pointers = header + 12
        case 10, 13: pointers = header + 8
        default: return []
        }
        let gap = pointers + 2 * number(at: header + 3)
        let cells = number(at: header + 5) == 0 ? 65_536 : number(at: header + 5)
        guard gap <= cells, cells <= usable else { return [] }
        var free = [gap..<cells]
        var block = number(at: header + 1)
        while block != 0 {
            guard block >= cells, block + 4 <= usable else { return [] }
            let size = number(at: block + 2)
            guard size >= 4, block + size <= usable else { return [] }
            free.append(block + 4..<block + size)
            let next = number(at: block)
            guard next == 0 || next > block else { return [] }
            block = next
        }
        let dirty = free.filter { range in page[range].contains { $0 != 0 } }
        for range in dirty { page[range].update(repeating: 0) }
        return dirty
    }
}
