using System.Globalization;
using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Persistence;

namespace ClusterActors.Cluster.Wishes;

/// <summary>
/// Keeps what administrators want of the cluster as a whole. A copy is stored before anybody hears of it, the newest stamp wins, and the
/// stretch of the timeouts ends by itself: each server judges its own wall clock, because the guardians are safe while they differ.
/// It decides nothing.
/// </summary>
public sealed class WishKeeper : ReceivePersistentActor, IWithTimers
{
    private const int EventsPerSnapshot = 50;

    // A single timer of 30 days is beyond what a timer takes; besides, the wall clock may be set meanwhile.
    private static readonly TimeSpan LongestNap = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    // Below the time that a command waits for its wish to be stored, so that an administrator's second try finds the keeper.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);
    private readonly WishKeeperSettings _settings;
    private ClusterWishes _wishes = ClusterWishes.None;
    private int _ratio = 1;

    private WishKeeper(WishKeeperSettings settings)
        : base(settings.Store)
    {
        _settings = settings;
        Recover<WishesWritten>(written => _wishes = written.Wishes);
        Recover<SnapshotOffer>(offer => _wishes = ((WishesWritten)offer.Snapshot).Wishes);
        Recover<RecoveryCompleted>(_ => Apply());
        Command<StoreWishes>(OnStore);
        Command<PeerWishes>(peer => Take(peer.Wishes, null));
        Command<StretchEnds>(_ => Apply());
        Command<SaveSnapshotSuccess>(DeleteBehind);
        Command<IPersistenceAnswer>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => "cluster-wishes";

    /// <summary>
    /// Below a supervisor that makes it anew after a write or a recovery failed, and passes messages on. What comes while it is away is lost: the
    /// coordinator answers that its command was not stored, and peers report their copy again.
    /// </summary>
    public static Props Props(WishKeeperSettings settings) => BackoffSupervisor.Props(
        Backoff.OnStop(Actors.Props.Create(() => new WishKeeper(settings)), "keeper", FirstPause, LongestPause, randomFactor: 0));

    private void OnStore(StoreWishes store)
    {
        var asker = Sender;
        Take(store.Wishes, () => asker.Tell(new WishesStored(_wishes), Self));
    }

    private void Take(ClusterWishes wishes, Action? afterwards)
    {
        if (!wishes.IsNewerThan(_wishes))
        {
            afterwards?.Invoke();
            return;
        }

        Persist(new WishesWritten(wishes), written =>
        {
            Announce(_wishes, written.Wishes);
            _wishes = written.Wishes;
            if (LastSequenceNr % EventsPerSnapshot == 0)
                SaveSnapshot(written);
            Apply();
            afterwards?.Invoke();
        });
    }

    /// <summary>Each server says what it learned, so that every event file tells the whole story.</summary>
    private void Announce(ClusterWishes before, ClusterWishes now)
    {
        foreach (var wish in now.Servers.Where(w => before.Of(w.Server)?.Mode != w.Mode))
        {
            var told = wish.Mode == ServerMode.Standby
                ? CaEvents.ServerStandby(wish.Server.Value, wish.Reason)
                : CaEvents.ServerMaintenance(wish.Server.Value, wish.Reason);
            _settings.Events.Tell(told.FollowingFrom(wish.CauseId));
        }

        foreach (var gone in before.Servers.Where(w => now.Of(w.Server) is null))
            _settings.Events.Tell(CaEvents.ServerResumed(gone.Server.Value));
        if (before.Suspended != now.Suspended)
            _settings.Events.Tell((now.Suspended ? CaEvents.ClusterSuspended() : CaEvents.ClusterResumed()).FollowingFrom(now.SuspendedCauseId));
    }

    private void Apply()
    {
        var now = _settings.Time.GetUtcNow();
        var ratio = _wishes.RatioAt(now);
        if (ratio != _ratio)
        {
            var told = ratio > 1
                ? CaEvents.TimeoutsStretched(ratio.ToString(CultureInfo.InvariantCulture), _wishes.RatioUntil!.Value.ToString("u", CultureInfo.InvariantCulture))
                : CaEvents.TimeoutsNormal();
            // A stretch that ends by itself ends when its command said.
            _settings.Events.Tell(told.FollowingFrom(_wishes.RatioCauseId));
        }

        _ratio = ratio;
        _settings.Stretch(ratio);
        _settings.NodeManager.Tell(new WishesKnown(_wishes));
        Timers.Cancel(nameof(StretchEnds));
        if (ratio > 1)
            Timers.StartSingleTimer(nameof(StretchEnds), StretchEnds.Instance, Nap(_wishes.RatioUntil!.Value - now));
    }

    private static TimeSpan Nap(TimeSpan left) => left < LongestNap ? left + TimeSpan.FromMilliseconds(1) : LongestNap;

    private sealed class StretchEnds
    {
        public static readonly StretchEnds Instance = new();
    }
}
