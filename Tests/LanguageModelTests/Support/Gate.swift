import Synchronization

/// A gate that handlers of a stub wait at.
final class Gate: Sendable {
    private let value = Atomic(true)

    var isOpen: Bool { value.load(ordering: .acquiring) }
    func close() { value.store(false, ordering: .releasing) }
    func open() { value.store(true, ordering: .releasing) }
}
