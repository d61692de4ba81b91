using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Composition;

/// <summary>
/// The guardian's settings with the ratio of the timeouts that is wanted. The first greeting waits for the stored wish, so that a daemon
/// that starts does not take a stretch away and give it back; any order of changes is safe for the guardians. What the guardian could not take (a full
/// disk, addresses that have to be moved first) is offered again, since it keeps the settings that it has meanwhile.
/// </summary>
internal sealed class OfferedSettings(TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OfferAgainAfter = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (IGuardianLink Link, GuardianSettings Settings, Action<string> Log)? _greeted;
    private int _ratio = 1;
    private bool _offersAgain;

    /// <summary>Told each answer of the guardian; on any thread.</summary>
    public Action<Reply> Answered { get; set; } = _ => { };

    /// <summary>The ratio in force from now on; called by an actor, never blocks.</summary>
    public void Set(int ratio)
    {
        (IGuardianLink Link, GuardianSettings Settings, Action<string> Log)? greeted;
        lock (_gate)
        {
            greeted = _ratio == ratio ? null : _greeted;
            _ratio = ratio;
        }

        _known.TrySetResult();
        if (greeted is { } parts)
            _ = ChangeAsync(parts.Link, parts.Settings, parts.Log);
    }

    /// <summary>Hands the settings over at a greeting; the guardian's answer.</summary>
    public async Task<Reply> ApplyAsync(IGuardianLink link, GuardianSettings settings, Action<string> log)
    {
        await Task.WhenAny(_known.Task, Task.Delay(AnswerLimit, time)).ConfigureAwait(false);
        lock (_gate)
            _greeted = (link, settings, log);
        return await SendAsync(link, settings, log).ConfigureAwait(false);
    }

    private async Task ChangeAsync(IGuardianLink link, GuardianSettings settings, Action<string> log)
    {
        try
        {
            await SendAsync(link, settings, log).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            log($"guardian: the settings were not handed over: {e.Message}; they are, at the next greeting");
        }
    }

    private async Task<Reply> SendAsync(IGuardianLink link, GuardianSettings settings, Action<string> log)
    {
        Task<Reply> asked;

        // Sent in the order in which the ratio was read: the guardian must end up with the newest.
        lock (_gate)
            asked = link.AskAsync(new ApplySettings(settings with { Ratio = _ratio }), AnswerLimit);
        var answer = await asked.ConfigureAwait(false);
        if (!answer.Succeeded)
        {
            log($"the guardian refused the settings: {answer.Sentence}");
            _ = OfferAgainAsync();
        }

        Answered(answer);
        return answer;
    }

    private async Task OfferAgainAsync()
    {
        lock (_gate)
        {
            if (_offersAgain)
                return;
            _offersAgain = true;
        }

        await Task.Delay(OfferAgainAfter, time).ConfigureAwait(false);
        (IGuardianLink Link, GuardianSettings Settings, Action<string> Log) parts;
        lock (_gate)
        {
            _offersAgain = false;
            parts = _greeted!.Value;
        }

        await ChangeAsync(parts.Link, parts.Settings, parts.Log).ConfigureAwait(false);
    }
}
