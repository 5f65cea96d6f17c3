import Synchronization
import Wire

/// Files that come in several requests, because a request is limited in size. They are held in memory, at most
/// ``atOnce`` of them and ``bytesAtMost`` in all. One that has not grown for a minute is dropped when the next part
/// comes.
final class Uploads: Sendable {
    static let bytesAtMost = 1 << 30
    static let atOnce = 4
    private static let patience: UInt64 = 60_000_000_000

    private struct Upload {
        var uid: UInt32
        var bytes: [UInt8]
        var at: UInt64
    }

    private let uploads = Mutex<[String: Upload]>([:])

    /// Adds one part.
    ///
    /// - Parameter id: the upload to continue; nil begins a new one.
    /// - Returns: the upload's id, and the whole file if this was its last part.
    func add(
        _ part: [UInt8],
        to id: String?,
        isLast: Bool,
        uid: UInt32,
        at time: UInt64,
        makeIdentifier: () -> String
    ) throws(RPCError) -> (id: String, bytes: [UInt8]?) {
        let made = id ?? makeIdentifier()
        return try uploads.withLock { uploads throws(RPCError) in
            uploads = uploads.filter { time < $0.value.at || time - $0.value.at < Self.patience }
            var upload = Upload(uid: uid, bytes: [], at: time)
            if let id {
                guard let found = uploads[id], found.uid == uid else {
                    throw .notFound("There is no upload \(id.prefix(64)) (any more); begin again.", field: "upload")
                }
                upload = found
            }
            uploads[made] = nil
            let held = uploads.values.reduce(0) { $0 + $1.bytes.count }
            guard held + upload.bytes.count + part.count <= Self.bytesAtMost, uploads.count < Self.atOnce else {
                throw .conflict("Too much is being imported; wait a minute, or import fewer rows.")
            }
            upload.bytes += part
            upload.at = time
            if isLast { return (made, upload.bytes) }
            uploads[made] = upload
            return (made, nil)
        }
    }
}
