import Glibc

// What only a bad neighbour does: sending as much as fits, reading as little as he likes.
extension Connection {
    /// Sends what fits without waiting; nil once the daemon has closed.
    func offer(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    /// Some bytes, past ``line()``; empty at the end of the stream.
    func receive(atMost limit: Int) throws -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: limit)
        while true {
            let count = recv(descriptor, &chunk, limit, 0)
            if count >= 0 { return Array(chunk[..<count]) }
            if errno == ECONNRESET { return [] }
            guard errno == EINTR else { throw Failure(description: "receive: \(String(cString: strerror(errno)))") }
        }
    }

    /// Whether something can be read within that time: bytes, or the end.
    func isReadable(within seconds: Double) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32(seconds * 1_000)) > 0
    }

    /// Whether the daemon has closed both ways, whatever is left to read.
    var isHungUp: Bool {
        var entry = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLHUP) != 0
    }

    /// Sends bytes with descriptors (SCM_RIGHTS) in one message.
    func send(_ bytes: [UInt8], passing descriptors: [Int32]) throws {
        // `CMSG_SPACE` and its kin are macros: a header of 16 bytes, then the descriptors, padded to a word.
        let length = 16 + descriptors.count * 4
        var control = [UInt8](repeating: 0, count: (length + 7) & ~7)
        control.withUnsafeMutableBytes { buffer in
            buffer.storeBytes(of: length, as: Int.self)
            buffer.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
            // SCM_RIGHTS
            buffer.storeBytes(of: 1, toByteOffset: 12, as: Int32.self)
            for (index, value) in descriptors.enumerated() {
                buffer.storeBytes(of: value, toByteOffset: 16 + index * 4, as: Int32.self)
            }
        }
        var content = bytes
        let sent = content.withUnsafeMutableBytes { content in
            control.withUnsafeMutableBytes { control in
                var piece = iovec(iov_base: content.baseAddress, iov_len: content.count)
                return withUnsafeMutablePointer(to: &piece) { piece in
                    var message = msghdr()
                    message.msg_iov = piece
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
                }
            }
        }
        guard sent == bytes.count else { throw Failure(description: "sendmsg: \(String(cString: strerror(errno)))") }
    }
}
