using ClusterActors.Cluster.Wire;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Simulation.Daemon;
using ClusterActors.Simulation.Guardian;

namespace ClusterActors.Simulation.Checks;

/// <summary>
/// No two coordinators act in one term. A coordinator acts when an order of its own (start or stop), decided in the term, is accepted by a server; any number of
/// orders of one server may follow each other, from several lives of its daemon too. Not counted is a stop that a server orders of itself: one that is being stopped, or
/// has just learned of a term that was raised over it, empties itself so before it has met anybody in the term; that takes nothing from others and gives itself nothing.
/// <para>
/// When an order of the same term is accepted that comes from another server than the last start, one of these must hold, or it is a failure. What came before is
/// compared by its starts only: two servers that do not meet may each be told by an administrator to stop a group, or empty a server that leaves, and no stop
/// gives anything to anybody.
/// </para>
/// <list type="bullet">
/// <item>the new one comes first in configured order and has sent the order after the last one of the old was accepted: it has (re)joined the view, where the
/// first member decides, and the old one has no order under way any more;</item>
/// <item>the new one comes later in configured order, has sent the order after that as well, and the old one cannot send any: its daemon's life that sent the last is over,
/// or its guardian is gone, in another term, unclean, on its way out, or has promised to start nothing in this term, or it had been passed over by the
/// new one when that sent the order, as one end of a chain is. This is asked of starts only: while the first server is silent and
/// not excluded (under hold for as long as it takes) no view is valid and nothing is started, but the next one may still stop what an administrator wants stopped.</item>
/// </list>
/// </summary>
internal sealed class OneCoordinator(World world)
{
    private const int TermsKept = 64;
    private readonly Dictionary<(ServerName By, long OrderId, GroupName Group, Term Term), (long At, DaemonProcess By, IReadOnlyCollection<ServerName> PassedOver)> _sent = [];
    private readonly Dictionary<Term, (DaemonProcess By, long At, string What)> _lastStart = [];
    private readonly Queue<Term> _terms = new();

    /// <summary>Times that the coordinator of a term changed.</summary>
    public int Successions { get; private set; }

    public void Sent(DaemonProcess by, OrderSent order) =>
        _sent[(by.Machine.Name, order.OrderId, order.Group, order.Term)] = (world.Now, by, by.PassedOver);

    public void Accepted(DaemonProcess at, OrderAccepted order)
    {
        if (!_sent.Remove((order.By, order.OrderId, order.Group, order.Term), out (long At, DaemonProcess By, IReadOnlyCollection<ServerName> PassedOver) sent))
            return;
        if (!order.Starts && sent.By.Machine == at.Machine)
            return;
        string what = $"order {order.OrderId} about {order.Group}, sent at {sent.At / 1e9:0.000}, accepted by {at.Machine.Name}";
        if (_lastStart.TryGetValue(order.Term, out (DaemonProcess By, long At, string What) last) && last.By.Machine != sent.By.Machine)
            Judge(order, sent, what, last);
        if (!order.Starts)
            return;
        if (!_lastStart.ContainsKey(order.Term))
            Begin(order.Term);
        _lastStart[order.Term] = (sent.By, world.Now, what);
    }

    private void Judge(
        OrderAccepted order, (long At, DaemonProcess By, IReadOnlyCollection<ServerName> PassedOver) sent, string what, (DaemonProcess By, long At, string What) before)
    {
        (long sentAt, DaemonProcess now, IReadOnlyCollection<ServerName> passedOver) = sent;
        Successions++;
        Term term = order.Term;
        string between = $"two coordinators act in term {term}: {before.By.Machine.Name} ({before.What} at {before.At / 1e9:0.000}), then {now.Machine.Name} ({(order.Starts ? "start" : "stop")}, {what})";
        if (sentAt < before.At)
            world.Oracle.Fail($"{between}, sent before the other one's was accepted");
        else if (order.Starts && now.Machine.Index > before.By.Machine.Index && !IsOver(before.By, term) && !passedOver.Contains(before.By.Machine.Name))
            world.Oracle.Fail($"{between}, while {before.By.Machine.Name} goes on in it");
    }

    private static bool IsOver(DaemonProcess daemon, Term term) => !daemon.IsAlive
        || daemon.Machine.Guardian?.Loops.Current is not SimEngineLoop { Status: var status }
        || status.Term != term
        || (status.Flags & (GuardianFlags.Unclean | GuardianFlags.DownAndClean | GuardianFlags.Leaving)) != 0;

    private void Begin(Term term)
    {
        _terms.Enqueue(term);
        if (_terms.Count <= TermsKept)
            return;
        Term old = _terms.Dequeue();
        _lastStart.Remove(old);
        foreach (var key in _sent.Keys.Where(k => k.Term <= old).ToArray())
            _sent.Remove(key);
    }
}
