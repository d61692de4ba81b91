using ClusterActors.Cli.Parsing;

namespace ClusterActors.Cli.Commands;

/// <summary>Every command: the one source of parsing, help and docs/COMMANDS.md.</summary>
internal static class CommandTable
{
    private static readonly OptionSpec Json = new("json", null, null, "print the control API's JSON instead of text");
    private static readonly OptionSpec Host = new("host", null, "HOST[:PORT]", "ask that server's manager port (29003) with this server's certificate");
    private static readonly OptionSpec Wait = new("wait", 'w', "SEC", "wait so long for completion; 0 returns at once (default 30)");
    private static readonly OptionSpec DryRun = new("dry-run", null, null, "say what would be done, and do nothing");
    private static readonly OptionSpec Reason = new("reason", null, "TEXT", "goes into the audit record");
    private static readonly OptionSpec Server = new("server", null, "NAME", "this server's name in the configuration (default: its host name)");

    public static IReadOnlyList<CommandSpec> All { get; } =
    [
        new("stat", "show the state of the cluster",
            "The answer is what the asked server knows; it has the star, and the age of what it knows of the others is shown.",
            OperandSpec.None,
            [
                new("state", 's', null, "servers, groups and resources (default)"),
                new("groups", 'g', null, "which group runs where"),
                new("heartbeats", 'n', null, "who hears whom on which heartbeat"),
                Json, Host,
            ],
            StatCommand.RunAsync),
        new("grp", "start, stop or move groups, or tell where one runs",
            "Without GROUP every group is meant. With -m, -h limits the move to groups that run on that server.",
            new OperandSpec("[GROUP]", 0, 1),
            [
                new("start", 's', null, "start"),
                new("stop", 't', null, "stop"),
                new("move", 'm', null, "move to another server"),
                new("where", 'n', null, "print the server where GROUP runs"),
                new("on", 'h', "HOST", "the server to start or stop on; with -m the server it runs on now"),
                new("to", 'a', "SERVER", "the server to start on or move to (default: the next in the group's order)"),
                Wait, DryRun, Reason, Json, Host,
            ],
            GroupCommands.RunAsync),
        new("cl", "start or stop the cluster on this server or on all",
            "Stopping stops the groups in order, then the daemon. Starting starts the guardian through systemd.",
            OperandSpec.None,
            [
                new("start", 's', null, "start"),
                new("stop", 't', null, "stop"),
                new("all", 'a', null, "on every server"),
                Wait, DryRun, Reason, Json, Host,
            ],
            ClusterRunCommands.RunAsync),
        new("bwctrl", "end the wait for other servers at start-up",
            "The same as clp cluster start --alone, under the manuals' name.",
            OperandSpec.None,
            [new("cancel", 'c', null, "end the wait"), Reason, DryRun, Json, Host],
            StartAloneCommand.RunByOldNameAsync),
        new("explain", "explain an event number, or where a group is and why",
            "Needs the daemon only for groups. MODULE alone lists the module's events.",
            new OperandSpec("MODULE [ID] | group GROUP", 1, 2),
            [new("lang", null, "en|ja", "language (default: en)"), Json, Host],
            ExplainCommand.RunAsync),
        new("events", "show the newest events of the journal",
            "Oldest first, with module, number and level as in the catalogue (clp explain).",
            OperandSpec.None,
            [new("follow", 'f', null, "go on with new ones until interrupted"), new("number", 'n', "N", "how many (default 20)"), Json, Host],
            EventsCommand.RunAsync),
        new("config check", "check a configuration file",
            "Prints every problem with file and line, and changes nothing. Needs no daemon.",
            new OperandSpec("[FILE]", 0, 1),
            [Server, new("any-server", null, null, "do not ask that this server is in the file"), Json],
            ConfigCheckCommand.RunAsync),
        new("config reference", "show every key of the configuration",
            "Without a type: the whole reference with meanings, units and defaults. With a resource type: the keys of that type. Needs no daemon.",
            new OperandSpec("[TYPE]", 0, 1),
            [],
            ConfigReferenceCommand.RunAsync),
        new("cluster init", "make a cluster on its first server and admit the others",
            "Makes the cluster's certificate authority, this server's certificate, the key and the id, prints a join token, and admits servers until all have joined. What is there is kept.",
            OperandSpec.None,
            [
                new("conf", null, "FILE", "the configuration (default: /etc/clp/cluster.conf)"),
                Server,
                new("listen", null, "ADDRESS[:PORT]", "where servers join (default: every address, port 29003)"),
                new("once", null, "N", "end when N servers have joined (default: all others of the configuration)"),
                new("no-wait", null, null, "make the identity and admit nobody now"),
            ],
            ClusterInitCommand.RunAsync),
        new("cluster join", "join the cluster of a token",
            "Run it as root on a server that clp cluster init on the first one waits for. Brings certificates, keys and cluster.conf.",
            new OperandSpec("TOKEN", 1, 1),
            [Server, new("force", null, null, "replace a different cluster.conf, and leave another cluster")],
            ClusterJoinCommand.RunAsync),
        new("cluster start", "go on without the servers that start-up waits for",
            "The servers that do not answer must be off: nothing else keeps them from running the same groups. Audited.",
            OperandSpec.None,
            [new("alone", null, null, "needed, to say that this is meant"), Reason, DryRun, Json, Host],
            StartAloneCommand.RunAsync),
        new("cluster check", "try every port and network between the servers, both ways", "Asked of the daemon; exit code 4 when a check fails.",
            OperandSpec.None, [Json, Host], ClusterCheckCommand.RunAsync),
        new("heartbeat init", "make the partition of a disk heartbeat",
            "Once, on one server, as root. DEVICE is a partition that every server reaches (264 KiB are enough). A device that is in use or holds anything else is refused.",
            new OperandSpec("DEVICE", 1, 1),
            [new("force", null, null, "overwrite what is on the device")],
            HeartbeatInitCommand.RunAsync),
        new("doctor", "check what this machine grants the cluster",
            "Real-time rights, memory lock, address fences, control groups, ports, devices of heartbeats. Needs no daemon; run as root.",
            OperandSpec.None, [Json], DoctorCommand.RunAsync),
        new("commands", "print the reference of all commands (Markdown)", "", OperandSpec.None, [], CommandsCommand.RunAsync),
        new("version", "print the version", "", OperandSpec.None, [Json], VersionCommand.RunAsync),
    ];
}
