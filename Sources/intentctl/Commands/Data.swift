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

        @Flag(help: "Every finding and label, not only the first ones of a kind.")
        var all = false

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            let result = try client.call(.dataCheck, ["limit": all ? 1_000 : limit.json])
            show(result) { DataText.check($0, showsAll: all) }
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
            discussion: """
                With a row that cannot be read nothing changes, unless --partial leaves it out. The file that stood there is \
                kept aside. Fields may be separated by commas, semicolons, tabs or bars; the file may be UTF-8, UTF-16 or \
                Windows-1252.
                """
        )

        @Argument(help: "The file; - is standard input.")
        var file: String

        @Option(help: "csv or jsonl; by default what the name says.")
        var format: Export.Format?

        @Option(help: ArgumentHelp("The column with the texts, if it has an unusual name.", valueName: "column"))
        var text: String?

        @Option(help: ArgumentHelp("The column with the intents.", valueName: "column"))
        var intent: String?

        @Option(help: ArgumentHelp("The column with the splits.", valueName: "column"))
        var split: String?

        @Option(help: "utf-8, utf-16, cp1252 or latin1; by default the daemon looks at the file.")
        var encoding: Encoding?

        @Flag(help: "Only check.")
        var check = false

        @Flag(help: "Leave out the rows that cannot be read.")
        var partial = false

        @Flag(help: "Print every finding, not only the first ones of a kind.")
        var all = false

        enum Encoding: String, ExpressibleByArgument, CaseIterable {
            case utf8 = "utf-8"
            case utf16 = "utf-16"
            case cp1252, latin1
        }

        @OptionGroup var options: GlobalOptions

        /// A part may take six times as much once it is escaped in JSON, and a request holds 1 MiB.
        private static let part = 128 << 10

        func run(with client: inout Client) throws {
            let bytes = try LocalFile.read(file)
            // A request is UTF-8; other bytes travel as base64, and the daemon finds out what they are.
            let isText = String(validating: bytes, as: UTF8.self) != nil && !bytes.contains(0)
            let isJSONLines =
                file.lowercased().hasSuffix(".jsonl") || file.lowercased().hasSuffix(".ndjson")
                || file == "-" && bytes.first == UInt8(ascii: "{")
            let format = self.format ?? (isJSONLines ? .jsonl : .csv)
            var start = 0
            var upload: JSON?
            var result: JSON
            repeat {
                var end = min(start + Self.part, bytes.count)
                // A part ends between two characters.
                while isText, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
                let part = bytes[start..<end]
                result = try client.call(
                    .dataImport,
                    [
                        "content": .string(isText ? String(decoding: part, as: UTF8.self) : Base64.encode(part)),
                        "format": .string(format.rawValue), "last": end == bytes.count ? nil : false,
                        "upload": upload, "check_only": check ? true : nil,
                        "partial": partial ? true : nil, "base64": isText ? nil : true,
                        "encoding": encoding.map { .string($0.rawValue) }, "text": text.map(JSON.string),
                        "intent": intent.map(JSON.string), "split": split.map(JSON.string),
                    ]
                )
                upload = result["upload"]
                start = end
            } while start < bytes.count
            show(result) { DataText.imported($0, isCheck: check, isPartial: partial, showsAll: all) }
            let isGood = check ? !DataText.hasErrors(result) : result["imported"]?.bool == true
            if !isGood { throw ExitCode(1) }
        }
    }
}
