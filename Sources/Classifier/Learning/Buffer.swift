/// Memory of a fixed size that the solver's loops write without copies or bounds checks. It belongs to one solver, which
/// one task uses.
final class Buffer<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(repeating element: Element, count: Int) {
        self.count = count
        base = .allocate(capacity: count)
        base.initialize(repeating: element, count: count)
    }

    deinit {
        base.deallocate()
    }
}
