using ClusterActors.Actors;
using ClusterActors.Model;
using ClusterActors.Model.Planning;

namespace ClusterActors.Cluster.Coordination;

/// <summary>
/// How long each server has been up without a break, where a group goes back by itself. Counted by the coordinator from the first view that shows this life of
/// the server up; one that takes over the work counts anew, which only makes a failback later.
/// </summary>
public sealed partial class Coordinator
{
    private readonly Dictionary<ServerName, (Incarnation Life, long At)> _upSince = [];

    private ClusterView WithTimesUp(ClusterView view)
    {
        var limits = _settings.Config.Groups.Where(g => g.Failback == FailbackMode.Auto).Select(g => g.FailbackHoldDown).ToHashSet();
        if (limits.Count == 0)
            return view;
        var servers = view.Servers.Select(s => s with { UpFor = CountUp(s) }).ToList();
        var next = servers.SelectMany(s => limits.Select(l => l - s.UpFor!.Value)).Where(left => left > TimeSpan.Zero).DefaultIfEmpty().Min();
        Timers.Cancel(nameof(HoldDownOver));
        if (next > TimeSpan.Zero)
            Timers.StartSingleTimer(nameof(HoldDownOver), HoldDownOver.Instance, next);
        return view with { Servers = servers };
    }

    private TimeSpan CountUp(ServerView server)
    {
        var life = _membership!.Find(server.Name).Incarnation;
        if (server.State != ServerState.Up)
            _upSince.Remove(server.Name);
        else if (_upSince.TryGetValue(server.Name, out var since) && since.Life == life)
            return Context.System.Time.GetElapsedTime(since.At);
        else
            _upSince[server.Name] = (life, Now);
        return TimeSpan.Zero;
    }

    private sealed class HoldDownOver
    {
        public static readonly HoldDownOver Instance = new();
    }
}
