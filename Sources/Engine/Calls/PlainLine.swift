import Wire

/// A line in plain form with its sender.
struct PlainLine {
    let line: UnsafeRawBufferPointer
    /// The request's id, as JSON.
    let id: UnsafeRawBufferPointer.SubSequence
    let caller: Caller.Identity
    /// The time when the line was complete, in nanoseconds of the monotonic clock.
    let began: UInt64
}
