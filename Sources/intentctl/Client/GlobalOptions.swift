import ArgumentParser
import Terminal
import Wire

/// The options that every subcommand takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"))
    var socket: String?

    @Flag(help: "Print the result as JSON, and a failure as {\"error\":…}.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "How long the daemon may say nothing, such as 30s or 5m; in a wait for a job, how long to wait at most.",
            valueName: "duration"
        )
    )
    var timeout: Timeout?
}

/// How texts on standard output are coloured.
let style = Style(for: .standard)

/// Parameters of a call; those without a value are left out.
typealias Parameters = KeyValuePairs<String, JSON?>

/// A subcommand that asks the daemon.
protocol DaemonCommand: ParsableCommand {
    var options: GlobalOptions { get }
    var wantsJSON: Bool { get }
    func run(with client: inout Client) throws
}

extension DaemonCommand {
    var wantsJSON: Bool { options.json }

    func run() throws {
        do {
            var client = try Client(socket: SocketPath.find(options.socket), limit: options.timeout ?? .usual)
            try run(with: &client)
        } catch let failure as Failure {
            throw failure.report(asJSON: wantsJSON)
        }
    }

    /// Prints the result as JSON, or as the text that `render` makes of it.
    func show(_ result: JSON, _ render: (JSON) -> String) {
        Output.standard.write(wantsJSON ? result.description + "\n" : render(result))
    }
}

/// A subcommand that asks one thing and shows the answer.
protocol Question: DaemonCommand {
    typealias Call = (method: Method, params: Parameters)

    var call: Call { get }
    func render(_ result: JSON) -> String
}

extension Question {
    func run(with client: inout Client) throws {
        let call = call
        show(try client.call(call.method, try Version.resolved(call.params, of: call.method, &client)), render)
    }
}
