using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Membership;

/// <summary>
/// Heartbeats that get through in one direction only. The server that does not hear finds it out, from a report of the other one that still hears it.
/// What is cut both ways is seen by both within one timeout, so a report counts only after the heartbeat was down for longer.
/// </summary>
/// <param name="longEnough">How long a heartbeat must have been down here.</param>
internal sealed class OneWayLosses(ServerName self, TimeProvider time, TimeSpan longEnough)
{
    private readonly Dictionary<(string Heartbeat, ServerName Heard), long> _downSince = [];
    private readonly HashSet<(string Heartbeat, ServerName Heard)> _told = [];

    public void OnChannel(string heartbeat, ServerName heard, ChannelState state)
    {
        if (state == ChannelState.Down)
        {
            _downSince.TryAdd((heartbeat, heard), time.GetTimestamp());
            return;
        }

        _downSince.Remove((heartbeat, heard));
        _told.Remove((heartbeat, heard));
    }

    /// <returns>The heartbeats on which its sender hears this server and is not heard, each once until it is heard again.</returns>
    public IReadOnlyList<string> OnReport(ServerReport report) =>
        [.. report.Hears.Where(h => h.Heard == self && IsHeard(h.State) && IsLost((h.Heartbeat, report.Server))).Select(h => h.Heartbeat)];

    private static bool IsHeard(string state) => state is nameof(ChannelState.Up) or nameof(ChannelState.Late);

    private bool IsLost((string Heartbeat, ServerName Heard) channel) =>
        _downSince.TryGetValue(channel, out var since) && time.GetElapsedTime(since) > longEnough && _told.Add(channel);
}
