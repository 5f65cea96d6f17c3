import Glibc
import Testing
import Wire

@Suite struct `Starting and stopping` {
    @Test func `trains a first model where there is none and answers then`() throws {
        let daemon = try DaemonProcess(try .untrained())
        let client = try daemon.connect()
        let status = try client.call("status")
        #expect(status["champion"] == 1)
        #expect(try client.call("predict", ["text": "where is my parcel"])["predictions"]?[0]?["intent"] == "delivery")
        #expect(daemon.process.children.isEmpty)
        #expect(try daemon.stop() == .exit(0))
        #expect(!Files.exists(daemon.socket))
    }
}
