using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Daemon;

/// <summary>
/// The guardian's settings with the ratio of the timeouts, as the product's composition root offers them: the first greeting waits for the stored wish, a ratio
/// that changes is told at once, and what the guardian could not take is offered again.
/// </summary>
internal sealed class OfferedSettings(DaemonProcess daemon, TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OfferAgainAfter = TimeSpan.FromSeconds(10);
    private readonly TaskCompletionSource _known = new();
    private int _ratio = 1;
    private bool _offersAgain;

    private World World => daemon.World;

    private ApplySettings Settings => new(
        World.Cluster.Settings(daemon.Machine.Index, daemon.ConfigVersion) with { Ratio = Math.Max(_ratio, daemon.Machine.Ratio) });

    /// <summary>The ratio that the wishes name; called by their keeper.</summary>
    public void Set(int ratio)
    {
        bool isNews = _ratio != ratio;
        _ratio = ratio;
        World.Oracle.Stretched(ratio);
        if (isNews)
            World.Note($"{daemon.Machine.Name}: wished timeouts times {ratio}");
        if (!_known.Task.IsCompleted)
            HereAndNow.Run(_known.SetResult);
        else if (isNews)
            Tell();
    }

    /// <summary>
    /// At a greeting; a journal that does not say what is wished is waited for in vain no longer than the product does. Where nobody has wished for anything there is no wait:
    /// seeds that were found before there were wishes take the course they took.
    /// </summary>
    public async Task ApplyAsync()
    {
        if (World.WishesWereGiven)
            await KnownAsync().ConfigureAwait(false);
        await SendAsync().ConfigureAwait(false);
    }

    /// <summary>After a change.</summary>
    public void Tell()
    {
        if (daemon.Link.Welcome is not null)
            _ = TellAsync();
    }

    private Task KnownAsync()
    {
        if (!_known.Task.IsCompleted)
            daemon.PostAfter(AnswerLimit, () => _known.TrySetResult());
        return _known.Task;
    }

    private async Task TellAsync()
    {
        try
        {
            await SendAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            World.Detail($"{daemon.Machine.Name} daemon: settings not told: {e.Message}");
        }
    }

    private async Task SendAsync()
    {
        Reply answer = await daemon.Link.AskAsync(Settings, AnswerLimit).ConfigureAwait(false);
        if (!answer.Succeeded)
            _ = OfferAgainAsync();
    }

    private async Task OfferAgainAsync()
    {
        if (_offersAgain)
            return;
        _offersAgain = true;
        await Task.Delay(OfferAgainAfter, time).ConfigureAwait(false);
        _offersAgain = false;
        await TellAsync().ConfigureAwait(false);
    }
}
