using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Simulation.Daemon;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// What events say about what led to them, over all servers.
/// <list type="bullet">
/// <item>No id is given twice, and a cause is an event that some journal has raised before. What was raised is remembered here for the whole run: a server that lost
/// the end of its event file in a power loss, or its daemon, has raised it all the same, and others may go on naming it.</item>
/// <item>A start of a group (rc 10, rc 60) names the cause of the order that was accepted for it, a move (rc 50) that of the order it begins with.</item>
/// <item>The first stop (rc 20) behind an accepted order with a cause names that cause. Excused is one whose group was ended by something else before the order was carried
/// out: it names the stop of its server (pm 31), the end of its grant (ca 5) or the group being active twice (rc 92); or the guardian ended everything.</item>
/// <item>A takeover (rc 60) has a cause.</item>
/// </list>
/// </summary>
internal sealed class Causes(World world)
{
    private const int StartBegan = 10;
    private const int StopBegan = 20;
    private const int MoveBegan = 50;
    private const int TakeoverBegan = 60;
    private static readonly string[] OtherStops = ["pm 31", "ca 5", "rc 92"];
    private readonly Dictionary<string, string> _raised = [];
    private readonly Dictionary<(DaemonProcess At, string Group), string?> _starts = [];
    private readonly Dictionary<(DaemonProcess At, string Group), string> _stops = [];
    private readonly Dictionary<(DaemonProcess By, string Group), string?> _sent = [];

    /// <summary>Starts, stops and moves that named the cause of their order.</summary>
    public int Followed { get; private set; }

    public void Sent(DaemonProcess by, OrderSent order) => _sent[(by, order.Group.Value)] = order.CauseId;

    public void Accepted(DaemonProcess at, OrderAccepted order)
    {
        if (order.Starts)
            _starts[(at, order.Group.Value)] = order.CauseId;
        else if (order.CauseId is { } cause)
            _stops[(at, order.Group.Value)] = cause;
    }

    public void Raised(DaemonProcess by, ClusterEvent raised)
    {
        if (raised.CauseId is { } cause && !_raised.ContainsKey(cause))
            Fail(by, raised, $"names {cause}, which nobody has raised");
        if (!_raised.TryAdd(raised.EventId, raised.Key.ToString()))
            Fail(by, raised, "has an id that was given before");
        if (raised.Key.Module != "rc" || raised.Parameters.FirstOrDefault(p => p.Name == "group") is not { Value: var group })
            return;
        switch (raised.Key.Id)
        {
            case StartBegan or TakeoverBegan when _starts.TryGetValue((by, group), out string? ordered):
                _stops.Remove((by, group));
                Compare(by, raised, ordered);
                break;
            case StopBegan when _stops.Remove((by, group), out string? ordered):
                if (raised.CauseId is not { } other || !OtherStops.Contains(_raised[other]))
                    Compare(by, raised, ordered);
                break;
            case MoveBegan:
                Compare(by, raised, _sent[(by, group)]);
                break;
        }
    }

    private void Compare(DaemonProcess by, ClusterEvent raised, string? ordered)
    {
        if (raised.CauseId != ordered)
            Fail(by, raised, $"names {raised.CauseId ?? "no cause"}, its order named {ordered ?? "none"}");
        else if (ordered is not null)
            Followed++;
        else if (raised.Key.Id == TakeoverBegan)
            Fail(by, raised, "follows from nothing");
    }

    private void Fail(DaemonProcess by, ClusterEvent raised, string what) =>
        world.Oracle.Fail($"{by.Machine.Name}: event {raised.Key} ({raised.EventId}: {raised.Render(EventCatalogue.Default, EventLanguage.English)}) {what}");
}
