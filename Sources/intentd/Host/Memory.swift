import CMalloc

/// How the C library's allocator behaves in a process that lives for months.
enum Memory {
    /// Few arenas, because what one of them frees the others cannot use; and blocks from a megabyte on straight from the
    /// kernel, always: a model goes back to it as soon as the last answer is made. See mallopt(3).
    static func configure() {
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
    }

    /// Gives back to the kernel what is free between the blocks in use.
    static func giveBack() { malloc_trim(0) }
}
