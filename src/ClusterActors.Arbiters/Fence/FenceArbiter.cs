using ClusterActors.Model;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters.Fence;

/// <summary>
/// Switches servers off by fence agents or scripts. Levels are tried in order; within one every device must report success, since
/// a server with two power supplies is off only when both are, and at least one must be able to tell that it is off. A level that
/// cannot prove anything is not used: what it does would only be taken for a proof.
/// </summary>
/// <param name="note">Gets what happens after the proof: switching on again, which nobody waits for.</param>
public sealed class FenceArbiter(string name, FenceOptions options, TimeProvider time, Action<string> note) : IProofArbiter
{
    public const string TypeName = "fence";
    private readonly FenceAgent[][] _levels = [.. options.Levels.Select(level => level.Select(device => new FenceAgent(device, options, time)).ToArray())];
    private readonly CancellationTokenSource _closing = new();
    private Task _afterwards = Task.CompletedTask;

    public string Name { get; } = name;

    public string Type => TypeName;

    public bool Covers(ServerName server) => LevelsFor(server).Any();

    public async Task<ProofAnswer> ExcludeAsync(ServerName server, CancellationToken cancellation)
    {
        await _afterwards.WaitAsync(cancellation).ConfigureAwait(false);
        var said = new List<string>();
        foreach (var level in LevelsFor(server))
        {
            var problems = await ProblemsAsync(level, server, options.Retries, cancellation).ConfigureAwait(false);
            if (problems.Count > 0)
            {
                said.AddRange(problems);
                continue;
            }

            var (done, sentence) = await LevelOffAsync(level, server, cancellation).ConfigureAwait(false);
            said.Add(sentence);
            if (!done)
                continue;
            if (options.Action == FenceAction.Reboot)
                _afterwards = SwitchOnAsync(level, server);
            return new(true, sentence);
        }

        return new(false, said.Count == 0 ? $"nothing is configured for {server}" : string.Join("; ", said));
    }

    public async Task<ProofAnswer> CheckAsync(ServerName server, CancellationToken cancellation)
    {
        var said = new List<string>();
        foreach (var level in LevelsFor(server))
        {
            var problems = await ProblemsAsync(level, server, retries: 0, cancellation).ConfigureAwait(false);
            if (problems.Count > 0)
                return new(false, string.Join("; ", problems));
            foreach (var agent in level)
            {
                var (state, sentence) = await agent.StatusAsync(server, cancellation).ConfigureAwait(false);
                if (state == PowerState.Unknown)
                    return new(false, sentence);
                said.Add(sentence);
            }
        }

        return said.Count == 0 ? new(false, $"nothing is configured for {server}") : new(true, string.Join("; ", said));
    }

    /// <summary>Ends what still runs, at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _afterwards.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private IEnumerable<FenceAgent[]> LevelsFor(ServerName server) =>
        _levels.Where(level => level.Length > 0 && level.All(agent => agent.Covers(server)));

    /// <summary>Why success of the level would prove nothing; an agent that does not tell its metadata is asked again.</summary>
    private static async Task<List<string>> ProblemsAsync(FenceAgent[] level, ServerName server, int retries, CancellationToken cancellation)
    {
        var problems = new List<string>();
        for (var attempt = 0; attempt <= retries; attempt++)
        {
            problems = [];
            foreach (var agent in level)
                problems.AddRange(await agent.ProblemsAsync(server, cancellation).ConfigureAwait(false));
            if (problems.Count == 0)
                break;
        }

        if (problems.Count == 0 && !level.Any(agent => agent.Confirms))
            problems.Add($"{string.Join(", ", level.Select(a => a.Name))} without status: nothing would tell that {server} is off; add a device that has it, with order = together");
        return problems;
    }

    /// <summary>All at once off before any is on again: else the second supply would keep the server running.</summary>
    private async Task<(bool Done, string Sentence)> LevelOffAsync(FenceAgent[] level, ServerName server, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(level.Select(agent => OffAsync(agent, server, cancellation))).ConfigureAwait(false);
        var failed = answers.Where(a => !a.Succeeded).ToList();
        return (failed.Count == 0, string.Join("; ", (failed.Count == 0 ? answers : [.. failed]).Select(a => a.Sentence)));
    }

    private async Task<ProofAnswer> OffAsync(FenceAgent agent, ServerName server, CancellationToken cancellation)
    {
        var answer = new ProofAnswer(false, "not tried");
        for (var attempt = 0; attempt <= options.Retries; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                answer = await agent.OffAsync(server, cancellation).ConfigureAwait(false);
            }
            catch (FormatException wrong)
            {
                answer = new(false, wrong.Message);
            }

            if (answer.Succeeded)
                return answer;
        }

        return options.Retries == 0 ? answer : answer with { Sentence = $"{answer.Sentence} ({options.Retries + 1} tries)" };
    }

    private async Task SwitchOnAsync(FenceAgent[] level, ServerName server)
    {
        foreach (var agent in level)
        {
            try
            {
                note($"{server}: {(await agent.OnAsync(server, _closing.Token).ConfigureAwait(false)).Sentence}");
            }
            catch (FormatException wrong)
            {
                note($"{server}: {wrong.Message}");
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
