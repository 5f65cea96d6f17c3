import Glibc
import Terminal

// The load program: asks a server, counts and times its answers, and costs little itself.

let usage = """
    usage: intentd-load COMMAND OPTIONS

    run       asks over Unix socket or HTTP, and reports rate, latency and errors
              --socket PATH | --port N (loopback)   --http [--path /chat]
              --method predict|chat|status  --mode local  --top-k N  --texts FILE (CSV with a column text, or lines)
              --connections C  --in-flight N  --requests K | --seconds T  --warmup K  --uid U
              --rate R (requests a second, each timed from when it was due)  --pid P (the server's processor time)
    stall     one connection, as fast as it is answered, for --seconds T or while -- COMMAND runs: gaps
    flood     latency of status while 64 connections ask for --seconds T
              --connections C --in-flight N --uid U --rate R (of status)
    idle      holds --connections N until standard input ends or for --seconds T; --ask: each has one answer   --pid P
    deaf      asks for --seconds T and never reads   --pid P
    start     from exec to the first answer, --runs N times   --socket PATH -- SERVER…
    exec      a whole process, --runs N times: time, processor time, peak memory   -- COMMAND…
    echo      a server that answers every line at once, until it is ended   --socket PATH --answer-bytes N
    pingpong  the yardstick: raw messages between two threads   --request-bytes N --answer-bytes N --seconds T
    sweep     the other yardstick: one pass over 64 MiB of floats
    memory    what a process holds   --pid P

    All take --json. The status is 1 if an answer was missing, double or an error (run --allow-errors: errors are counted).
    """

guard StandardDescriptors.open() else { exit(2) }
signal(SIGPIPE, SIG_IGN)
raiseFileLimit()
let arguments = CommandLine.arguments.dropFirst()
do {
    let isGood: Bool
    switch arguments.first {
    case "run": isGood = try Commands.run(arguments.dropFirst())
    case "pingpong": isGood = try Commands.pingPong(arguments.dropFirst())
    case "stall": isGood = try Commands.stall(arguments.dropFirst())
    case "echo": isGood = try Commands.echo(arguments.dropFirst())
    case "flood": isGood = try Commands.flood(arguments.dropFirst())
    case "idle": isGood = try Commands.idle(arguments.dropFirst())
    case "deaf": isGood = try Commands.deaf(arguments.dropFirst())
    case "start": isGood = try Commands.start(arguments.dropFirst())
    case "exec": isGood = try Commands.exec(arguments.dropFirst())
    case "sweep": isGood = try Commands.sweep(arguments.dropFirst())
    case "memory": isGood = try Commands.memory(arguments.dropFirst())
    default:
        print(usage)
        exit(arguments.first == "--help" ? 0 : 2)
    }
    exit(isGood ? 0 : 1)
} catch {
    complain("intentd-load: \(error)\n")
    exit(2)
}
