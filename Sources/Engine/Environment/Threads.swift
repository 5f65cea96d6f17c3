import Dispatch

/// Starts threads for work that takes longer than a turn of an event loop.
package struct Threads: Sendable {
    /// Runs a body on a thread of its own; gives back false if the system has no more threads. `nice` is the thread's
    /// niceness, from 0 to 19; see sched(7).
    package typealias Start = @Sendable (_ name: String, _ nice: Int32, _ body: @escaping @Sendable () -> Void) -> Bool

    let start: Start

    package init(_ start: @escaping Start) { self.start = start }

    /// The threads of queues, which all have the same niceness.
    package static let queues = Threads { name, _, body in
        DispatchQueue(label: name).async(execute: body)
        return true
    }
}
