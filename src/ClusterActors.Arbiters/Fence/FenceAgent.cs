using System.Globalization;
using ClusterActors.Model;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters.Fence;

/// <summary>Power state that an agent reports.</summary>
internal enum PowerState
{
    /// <summary>The device cannot be reached, or the answer is none of the convention's.</summary>
    Unknown = 0,
    On,
    Off,
}

/// <summary>One device: calls its agent by the convention of the Linux-HA fence agents. Not thread safe; used by one arbiter.</summary>
internal sealed class FenceAgent(FenceDevice device, FenceOptions options, TimeProvider time)
{
    private const int ExitOn = 0;
    private const int ExitOff = 2;
    private FenceMetadata? _metadata;

    /// <summary>A path that is not an agent's: it gets the same lines, but is never called with an action that it may not know, such as metadata.</summary>
    private bool IsScript => Path.IsPathRooted(device.Agent) && !Name.StartsWith("fence_", StringComparison.Ordinal);

    public string Name => Path.GetFileName(device.Agent);

    /// <summary>A device whose servers are named one by one knows nothing of the others.</summary>
    public bool Covers(ServerName server) => device.PerServer.Count == 0 || device.PerServer.ContainsKey(server);

    /// <summary>What the agent says about itself; asked once. A script has none.</summary>
    /// <exception cref="FormatException">It is not installed, did not answer or answered something else.</exception>
    public async Task<FenceMetadata?> MetadataAsync(CancellationToken cancellation)
    {
        if (IsScript || _metadata is not null)
            return _metadata;
        // With -o and not on standard input: some agents read their input only after this argument was looked for.
        var result = await RunAsync(["-o", "metadata"], new Dictionary<string, string>(), cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new FormatException($"{Name} does not tell its metadata: {Words(result)}");
        return _metadata = FenceMetadata.Parse(result.Output);
    }

    /// <summary>
    /// It can tell that the server is off; a script must. Known once <see cref="ProblemsAsync"/> found none.
    /// </summary>
    public bool Confirms => _metadata is null || _metadata.Can("status");

    /// <summary>Problems of the agent and its options for one server, each a sentence; empty when it can be called and its success proves something.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync(ServerName server, CancellationToken cancellation)
    {
        if (AgentCall.Find(device.Agent) is null)
            return [$"{device.Agent} is not installed on {options.Self}"];
        try
        {
            return await MetadataAsync(cancellation).ConfigureAwait(false) is { } metadata ? FenceOptionRules.Check(metadata, device.OptionsFor(server), server) : [];
        }
        catch (FormatException wrong)
        {
            return [wrong.Message];
        }
    }

    public async Task<(PowerState State, string Sentence)> StatusAsync(ServerName server, CancellationToken cancellation)
    {
        var metadata = await MetadataAsync(cancellation).ConfigureAwait(false);
        var action = metadata is null || metadata.Can("status") ? "status" : "monitor";
        var result = await CallAsync(action, server, metadata, cancellation).ConfigureAwait(false);
        return result.ExitCode switch
        {
            ExitOn => (PowerState.On, $"{Name} {action}: {(action == "status" ? "on" : "reachable")}"),
            ExitOff => (PowerState.Off, $"{Name} {action}: off"),
            _ => (PowerState.Unknown, $"{Name} {action}: {Words(result)}"),
        };
    }

    /// <summary>
    /// Switches off, and has that confirmed by <c>status</c> where the agent has it; one without is believed only beside one that has it
    /// (<see cref="FenceArbiter"/>). An agent that can only reboot is believed its exit code: by the convention 0 means that the off part
    /// was done.
    /// </summary>
    public async Task<ProofAnswer> OffAsync(ServerName server, CancellationToken cancellation)
    {
        var metadata = await MetadataAsync(cancellation).ConfigureAwait(false);
        var action = metadata is null || metadata.Can("off") ? "off" : "reboot";
        var result = await CallAsync(action, server, metadata, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            return new(false, $"{Name} {action}: {Words(result)}");
        if (action == "reboot" || metadata is { } known && !known.Can("status"))
            return new(true, $"{Name} {action}: done");
        var (state, sentence) = await StatusAsync(server, cancellation).ConfigureAwait(false);
        return state == PowerState.Off ? new(true, $"{Name} {action}: done, status says off") : new(false, $"{Name} {action}: done, but {sentence}");
    }

    public async Task<ProofAnswer> OnAsync(ServerName server, CancellationToken cancellation)
    {
        var metadata = await MetadataAsync(cancellation).ConfigureAwait(false);
        if (metadata is { } known && !known.Can("on"))
            return new(true, $"{Name} has no action on");
        var result = await CallAsync("on", server, metadata, cancellation).ConfigureAwait(false);
        return new(result.ExitCode == 0, $"{Name} on: {Words(result)}");
    }

    private Task<AgentResult> CallAsync(string action, ServerName server, FenceMetadata? metadata, CancellationToken cancellation)
    {
        var lines = FenceOptionRules.Lines(metadata, device.OptionsFor(server), action, server);
        return RunAsync([], lines, cancellation, new Dictionary<string, string>
        {
            ["CLP_FENCE_ACTION"] = action,
            ["CLP_SERVER_DOWN"] = server.Value,
            ["CLP_SERVER_LOCAL"] = options.Self.Value,
        });
    }

    private async Task<AgentResult> RunAsync(
        string[] arguments, IReadOnlyDictionary<string, string> lines, CancellationToken cancellation, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (AgentCall.Find(device.Agent) is not { } path)
            return new(null, "", $"{device.Agent} is not installed on {options.Self}");
        return await AgentCall.RunAsync(path, arguments, lines, environment ?? new Dictionary<string, string>(), options.Timeout, time, cancellation).ConfigureAwait(false);
    }

    private static string Words(AgentResult result)
    {
        var said = LastLine(result.Errors) is { Length: > 0 } error ? error : LastLine(result.Output);
        var code = result.ExitCode is { } exit ? string.Create(CultureInfo.InvariantCulture, $"exit code {exit}") : "";
        return string.Join(", ", new[] { code, said }.Where(w => w.Length > 0));
    }

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
}
