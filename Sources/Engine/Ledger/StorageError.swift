import GRDB
import World

/// The database or the disk below it did not take a write or give a read. Nothing was acknowledged.
package enum StorageError: Error, Sendable, Equatable {
    case full
    /// Another process holds the database.
    case busy
    case readOnly
    case failed(String)
    /// Somebody renamed, emptied, replaced or removed a file of the open database; says which.
    case displaced(String)
    /// The file is no database, or one with broken pages.
    case damaged(String)
    /// The file was written by a newer intentd; its schema's number.
    case newerSchema(Int)

    package init(_ error: any Error) {
        switch error {
        case let error as StorageError: self = error
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL: self = .full
        case let error as DatabaseError where error.resultCode == .SQLITE_BUSY: self = .busy
        case let error as DatabaseError where error.resultCode == .SQLITE_READONLY: self = .readOnly
        case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
            self = .damaged(String(describing: error))
        case let error as FileError where error.kind == .full: self = .full
        default: self = .failed(String(describing: error))
        }
    }
}
