import Crypto
import FoundationEssentials
import GRDB
import World

/// A row of `events`.
struct AuditRecord: Sendable {
    let seq: Int64
    let id: String
    let origin: String
    let at: Int64
    let kind: String
    let uid: Int64
    let payload: String?
    let salt: Data?
    let digest: Data
    let previous: Data

    init(_ row: Row) {
        (seq, id, origin, at) = (row["seq"], row["id"], row["origin"], row["at"])
        (kind, uid, payload, salt) = (row["kind"], row["uid"], row["payload"], row["salt"])
        (digest, previous) = (row["digest"], row["prev_hash"])
    }

    /// SHA-256 over the fields, each led by its length in 8 little-endian bytes.
    var hash: Data {
        var hasher = SHA256()
        func add(_ bytes: some Sequence<UInt8>) {
            let bytes = Array(bytes)
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update(bufferPointer: $0) }
            hasher.update(data: bytes)
        }
        add(previous)
        for number in [seq, at, uid] { add(withUnsafeBytes(of: number.littleEndian, Array.init)) }
        for text in [id, origin, kind] { add(text.utf8) }
        add(digest)
        return Data(hasher.finalize())
    }

    /// What `events_head` says while this is the last one.
    var head: String { "\(seq) \(Digest.hexadecimal(hash))" }
}
