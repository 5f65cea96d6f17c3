import CMalloc

/// Settings of the C library's allocator for a process that lives for months.
enum Memory {
    /// There are few arenas, because one cannot use what another frees. Blocks of a megabyte and more always come straight
    /// from the kernel, so that a model goes back to it as soon as its last answer is made. See mallopt(3).
    static func configure() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
    }

    /// Gives the memory between the blocks in use back to the kernel.
    static func giveBack() { malloc_trim(0) }
}
