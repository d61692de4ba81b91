using ClusterActors.Arbiters.Fence;
using ClusterActors.Model;

namespace ClusterActors.Arbiters.Tests.Fence;

/// <summary>A folder with the power states of the scripted agent, and arbiters that use it.</summary>
internal sealed class FenceGiven : IDisposable
{
    public static readonly ServerName Server1 = new("server1");
    public static readonly ServerName Server2 = new("server2");

    public string Folder { get; } = Directory.CreateTempSubdirectory("clp-fence-").FullName;

    public List<string> Notes { get; } = [];

    public string[] Calls => File.Exists(Path.Combine(Folder, "calls")) ? File.ReadAllLines(Path.Combine(Folder, "calls")) : [];

    public static string Agent(string name) => Path.Combine(AppContext.BaseDirectory, "Agents", name);

    public bool IsOff(string plug) => File.Exists(Path.Combine(Folder, plug + ".off"));

    public void MakeUnreachable() => File.WriteAllText(Path.Combine(Folder, "unreachable"), "");

    public void MakeReachable() => File.Delete(Path.Combine(Folder, "unreachable"));

    public FenceDevice Device(params (string Name, string Value)[] more) => new(
        Agent("fence_scripted"), more.Append(("state_dir", Folder)).ToDictionary(o => o.Item1, o => o.Item2), Nobody);

    /// <summary>The scripted agent by another name, which makes it another kind of agent.</summary>
    public FenceDevice Device(string kind, params (string Name, string Value)[] more)
    {
        var path = Path.Combine(Folder, kind);
        if (!File.Exists(path))
            File.CreateSymbolicLink(path, Agent("fence_scripted"));
        return Device(more) with { Agent = path };
    }

    public FenceArbiter Arbiter(FenceDevice device, FenceAction action = FenceAction.Off, int retries = 0, TimeSpan? timeout = null) =>
        Arbiter([[device]], action, retries, timeout);

    public FenceArbiter Arbiter(IReadOnlyList<IReadOnlyList<FenceDevice>> levels, FenceAction action = FenceAction.Off, int retries = 0, TimeSpan? timeout = null) =>
        new("power", new FenceOptions(levels, action, timeout ?? TimeSpan.FromSeconds(30), retries, Server1), TimeProvider.System, Note);

    public static IReadOnlyDictionary<ServerName, IReadOnlyDictionary<string, string>> Nobody { get; } =
        new Dictionary<ServerName, IReadOnlyDictionary<string, string>>();

    public void Dispose() => Directory.Delete(Folder, true);

    private void Note(string text)
    {
        lock (Notes)
            Notes.Add(text);
    }
}
