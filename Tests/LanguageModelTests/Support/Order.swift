import Synchronization

/// Numbers in the order in which they came.
final class Order: Sendable {
    private let numbers = Mutex<[UInt32]>([])

    var all: [UInt32] { numbers.withLock { $0 } }

    func add(_ number: UInt32) { numbers.withLock { $0.append(number) } }
}
