using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Simulation.Daemon;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// What events say about what led to them, over all servers.
/// <list type="bullet">
/// <item>No id is given twice, and a cause is an event that some journal has raised before. What was raised is remembered here for the whole run: a server that lost
/// the end of its event file in a power loss, or its daemon, has raised it all the same, and others may go on naming it. So nothing is excused.</item>
/// <item>A start of a group (rc 10, rc 60) names the cause in the plan behind the order that was accepted for it, a move (rc 50) that of the order it begins with.</item>
/// <item>The first stop (rc 20) behind accepted orders names the cause of one of them; no cause only where one of them had none. Which one it is cannot be told from here: an order
/// that finds a stop under way joins it, and on a slow disk that one is told to begin long after both. Excused is one for which the order came too late to be its reason: it
/// names the stop of its server (pm 31), the end of its grant (ca 18) or the group being active twice (rc 92), or the loss of its guardian, which ended everything (ca 47).</item>
/// <item>A takeover (rc 60) has a cause.</item>
/// </list>
/// </summary>
internal sealed class Causes(World world)
{
    private const int StartBegan = 10;
    private const int StopBegan = 20;
    private const int MoveBegan = 50;
    private const int TakeoverBegan = 60;
    private const int OrdersKept = 1_000;
    private static readonly string[] OtherStops = ["pm 31", "ca 18", "rc 92", "ca 47"];
    private readonly Dictionary<string, string> _raised = [];
    private readonly Dictionary<(ServerName By, long OrderId, GroupName Group, Term Term), string?> _sent = [];
    private readonly Queue<(ServerName By, long OrderId, GroupName Group, Term Term)> _oldest = new();
    private readonly Dictionary<(DaemonProcess By, string Group), string?> _newest = [];
    private readonly Dictionary<(DaemonProcess At, string Group), string?> _starts = [];
    private readonly Dictionary<(DaemonProcess At, string Group), List<string?>> _stops = [];

    public void Sent(DaemonProcess by, OrderSent order)
    {
        var key = (by.Machine.Name, order.OrderId, order.Group, order.Term);
        _newest[(by, order.Group.Value)] = _sent[key] = order.CauseId;
        _oldest.Enqueue(key);
        if (_oldest.Count > OrdersKept)
            _sent.Remove(_oldest.Dequeue());
    }

    public void Accepted(DaemonProcess at, OrderAccepted order)
    {
        if (!_sent.TryGetValue((order.By, order.OrderId, order.Group, order.Term), out string? cause))
            return;
        if (order.Starts)
        {
            // Now, not when it is told to begin: on a slow disk that is after stops of the same start were accepted.
            _stops.Remove((at, order.Group.Value));
            _starts[(at, order.Group.Value)] = cause;
        }
        else if (_stops.TryGetValue((at, order.Group.Value), out List<string?>? before))
            before.Add(cause);
        else
            _stops[(at, order.Group.Value)] = [cause];
    }

    public void Raised(DaemonProcess by, ClusterEvent raised)
    {
        if (raised.CauseId is { } cause && !_raised.ContainsKey(cause))
            Fail(by, raised, $"names {cause}, which nobody has raised");
        if (!_raised.TryAdd(raised.EventId, raised.Key.ToString()))
            Fail(by, raised, "has an id that was given before");
        if (raised.Key.Module == "rc" && raised.Parameters.FirstOrDefault(p => p.Name == "group") is { Value: var group })
            JudgeGroup(by, raised, group);
    }

    private void JudgeGroup(DaemonProcess by, ClusterEvent raised, string group)
    {
        switch (raised.Key.Id)
        {
            case StartBegan or TakeoverBegan when _starts.TryGetValue((by, group), out string? ordered):
                Compare(by, raised, ordered);
                break;
            case StopBegan when _stops.Remove((by, group), out List<string?>? causes) && !IsAnother(raised):
                Compare(by, raised, causes.Contains(raised.CauseId) ? raised.CauseId : causes[^1]);
                break;
            case MoveBegan:
                Compare(by, raised, _newest[(by, group)]);
                break;
        }
    }

    private bool IsAnother(ClusterEvent stop) => stop.CauseId is { } cause && OtherStops.Contains(_raised.GetValueOrDefault(cause));

    private void Compare(DaemonProcess by, ClusterEvent raised, string? ordered)
    {
        if (raised.CauseId != ordered)
            Fail(by, raised, $"names {raised.CauseId ?? "no cause"}, its order named {ordered ?? "none"}");
        else if (ordered is null && raised.Key.Id == TakeoverBegan)
            Fail(by, raised, "follows from nothing");
    }

    private void Fail(DaemonProcess by, ClusterEvent raised, string what) =>
        world.Oracle.Fail($"{by.Machine.Name}: event {raised.Key} ({raised.EventId}: {raised.Render(EventCatalogue.Default, EventLanguage.English)}) {what}");
}
