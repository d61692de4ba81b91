using ClusterActors.Guardian.Programs;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ContainmentKind = ClusterActors.Model.Resources.Containment;

namespace ClusterActors.Guardian.Tests.Programs;

/// <summary>A program table with a control group and a folder of its own; the test's thread is its control thread.</summary>
internal sealed class TableHarness : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PollSet _poll = new(1);
    private int _tickets;

    public TableHarness(bool withoutKillFile = false, ProgramTableOptions? options = null)
    {
        Instance = "test-" + Guid.NewGuid().ToString("N");
        Folder = Directory.CreateTempSubdirectory("clp-programs-").FullName;
        Group = OwnGroup(Instance, withoutKillFile);
        Root = ContainmentRoot.Open(Group);
        Table = new ProgramTable(Root, LaunchTools.Find(), options ?? ProgramTableOptions.Default, Exits.Add);
        _poll.Add(Table.FileDescriptor);
        Table.AllowStarts();
    }

    public string Instance { get; }

    public string Folder { get; }

    public CgroupDirectory Group { get; }

    public ContainmentRoot Root { get; }

    public ProgramTable Table { get; }

    public List<ProgramExited> Exits { get; } = [];

    public static void RequireRoot()
    {
        Assert.SkipUnless(Environment.UserName == "root" || Environment.IsPrivilegedProcess, "needs root: control groups and process namespaces are made");
        Assert.SkipWhen(Cgroup2Hierarchy.Find() is null, "needs a mounted version 2 control group tree");
    }

    public static CgroupDirectory OwnGroup(string instance, bool withoutKillFile = false) =>
        new(Path.Combine(Cgroup2Hierarchy.Find()!, "clp." + instance)) { WithoutKillFile = withoutKillFile };

    /// <summary>The reaper leaves at the end of its guardian, or of the table here; its group can go then.</summary>
    public static void RemoveReaperGroup(CgroupDirectory group, Action pause)
    {
        var reaper = new CgroupDirectory(group.Path + ".reaper");
        var end = BootClock.NowNanoseconds() + (Patience.Ticks * 100);
        while (!reaper.TryRemove())
        {
            Assert.True(BootClock.NowNanoseconds() < end, $"{reaper.Path}: processes {string.Join(' ', reaper.Processes())} live");
            pause();
        }
    }

    public string FilePath(string name) => Path.Combine(Folder, name);

    public string Output(string name = "log") => File.Exists(FilePath(name)) ? File.ReadAllText(FilePath(name)) : "";

    public StartProgram Shell(
        string script, ContainmentKind contain = ContainmentKind.Cgroup, string resource = "app", string? ticket = null, bool helper = false,
        string log = "log", string user = "", long limit = 0) =>
        Request(["/bin/sh", "-c", script], contain, resource, ticket, helper, log, user, limit);

    public StartProgram Request(
        IReadOnlyList<string> arguments, ContainmentKind contain = ContainmentKind.Cgroup, string resource = "app", string? ticket = null,
        bool helper = false, string log = "log", string user = "", long limit = 0, IReadOnlyList<string>? environment = null, string directory = "") =>
        new(
            ticket ?? $"t{++_tickets}", default(Term), "web", resource, helper, arguments, environment ?? ["PATH=/usr/bin:/bin"], directory, user, contain,
            log.Length == 0 ? "" : FilePath(log), limit);

    /// <summary>Starts and waits for the answer.</summary>
    public StartAnswer Start(StartProgram request)
    {
        StartAnswer? answer = null;
        Table.Start(request, given => answer = given);
        Until(() => answer is not null, $"answer to the start of {request.Ticket}");
        return answer!;
    }

    public int Started(StartProgram request)
    {
        var answer = Start(request);
        Assert.True(answer.Result == StartResult.Started, answer.Sentence);
        return answer.ProcessId;
    }

    public ProgramExited ExitOf(string ticket)
    {
        Until(() => Exits.Exists(exit => exit.Ticket == ticket), $"exit of {ticket}");
        return Exits.Find(exit => exit.Ticket == ticket)!;
    }

    public KillReport Kill(string resource = "app")
    {
        KillReport? report = null;
        Table.Kill("web", resource, Patience, given => report = given);
        Until(() => report is not null, "report of the kill");
        return report!;
    }

    /// <summary>Serves the table until the condition holds.</summary>
    public void Until(Func<bool> condition, string what)
    {
        var end = BootClock.NowNanoseconds() + (Patience.Ticks * 100);
        while (!condition())
        {
            var now = BootClock.NowNanoseconds();
            Assert.True(now < end, $"waited {Patience.TotalSeconds} s for: {what}; the log says: {Output()}");
            _poll.WaitUntil(Math.Min(end, now + 5_000_000));
            Table.Dispatch();
        }
    }

    public void Dispose()
    {
        Group.Kill();
        var end = BootClock.NowNanoseconds() + (Patience.Ticks * 100);
        while (Group.IsPopulated() && BootClock.NowNanoseconds() < end)
        {
            Group.Kill();
            _poll.WaitUntil(BootClock.NowNanoseconds() + 1_000_000);
            Table.Dispatch();
        }

        Table.Dispose();
        Group.TryRemove();
        RemoveReaperGroup(Group, () => _poll.WaitUntil(BootClock.NowNanoseconds() + 1_000_000));
        _poll.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
