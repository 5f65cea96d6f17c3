/// A hash of bytes that is the same in every process and on every machine, for choices that must not change from one run
/// to the next. Fowler, Noll, Vo: http://www.isthe.com/chongo/tech/comp/fnv/ (64 bits).
package enum FNV1a {
    package static func hash(_ bytes: String.UTF8View) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
