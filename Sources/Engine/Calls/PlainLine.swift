/// A line in plain form, and who sent it.
struct PlainLine {
    let line: UnsafeRawBufferPointer
    /// JSON of the request's id.
    let id: UnsafeRawBufferPointer.SubSequence
    let uid: UInt32
    /// The monotonic clock when the line was complete.
    let began: UInt64
}
