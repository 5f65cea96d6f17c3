import ArgumentParser
import Wire

struct Data: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, show, compare and bring in what models are trained on.",
        subcommands: [Check.self, Show.self, Diff.self, Import.self]
    )
}

extension Data {
    struct Check: DaemonCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for what is wrong with the data, and for labels that the last training doubts."
        )

        @Option(help: ArgumentHelp("How many findings and labels at most.", valueName: "n"))
        var limit = Limit(100)

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            let result = try client.call(.dataCheck, ["limit": limit.json])
            show(result, DataText.check)
            if result["stopped"]?.bool == true { throw ExitCode(1) }
        }
    }

    struct Show: Question {
        static let configuration = CommandConfiguration(abstract: "Show a snapshot, or the data as it is now.")

        @Argument(help: "The snapshot's first digits, a version such as v3, or now.")
        var snapshot = "now"

        @Option(help: "Only rows of this intent.")
        var intent: String?

        @Option(help: ArgumentHelp("How many rows at most.", valueName: "n"))
        var limit = Limit(20)

        @OptionGroup var options: GlobalOptions

        var call: Call {
            (.dataShow, ["snapshot": .string(snapshot), "intent": intent.map(JSON.string), "limit": limit.json])
        }

        func render(_ result: JSON) -> String { DataText.snapshot(result) }
    }

    struct Diff: Question {
        static let configuration = CommandConfiguration(abstract: "Compare two snapshots.")

        @Argument(help: "The older one: first digits, a version such as v3, or now.")
        var from: String

        @Argument(help: "The newer one.")
        var to: String

        @Option(help: ArgumentHelp("How many rows of each kind at most.", valueName: "n"))
        var limit = Limit(20)

        @OptionGroup var options: GlobalOptions

        var call: Call { (.dataDiff, ["from": .string(from), "to": .string(to), "limit": limit.json]) }

        func render(_ result: JSON) -> String { DataText.difference(result) }
    }

    struct Import: DaemonCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a CSV or JSON lines file and make it the one that is trained on.",
            discussion: "With an error in it nothing changes. The file that stood there is kept aside."
        )

        @Argument(help: "The file.")
        var file: String

        @Option(help: "csv or jsonl; by default what the name says.")
        var format: Export.Format?

        @Flag(help: "Only check.")
        var check = false

        @OptionGroup var options: GlobalOptions

        /// A part may take six times as much once it is escaped in JSON, and a request holds 1 MiB.
        private static let part = 128 << 10

        func run(with client: inout Client) throws {
            let bytes = try LocalFile.read(file)
            try refuseOtherThanUTF8(bytes)
            let isJSONLines = file.lowercased().hasSuffix(".jsonl") || file.lowercased().hasSuffix(".ndjson")
            let format = self.format ?? (isJSONLines ? .jsonl : .csv)
            var start = 0
            var upload: JSON?
            var result: JSON
            repeat {
                var end = min(start + Self.part, bytes.count)
                // A part ends between two characters.
                while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
                result = try client.call(
                    .dataImport,
                    [
                        "content": .string(String(decoding: bytes[start..<end], as: UTF8.self)),
                        "format": .string(format.rawValue), "last": end == bytes.count ? nil : false,
                        "upload": upload, "check_only": check ? true : nil,
                    ]
                )
                upload = result["upload"]
                start = end
            } while start < bytes.count
            show(result) { DataText.imported($0, isCheck: check) }
            if DataText.hasErrors(result) || !check && result["imported"]?.bool != true { throw ExitCode(1) }
        }

        /// The tool has to say this itself: a request is UTF-8, so the daemon never sees such bytes.
        private func refuseOtherThanUTF8(_ bytes: [UInt8]) throws(Failure) {
            guard String(validating: bytes, as: UTF8.self) == nil else { return }
            let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let line = 1 + lines.prefix { String(validating: $0, as: UTF8.self) != nil }.count
            throw .failed("Line \(line) of \(file) is not valid UTF-8; save the file as UTF-8. Nothing was changed.")
        }
    }
}
