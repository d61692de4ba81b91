using System.Net;
using ClusterActors.Model.Resources;

namespace ClusterActors.Model.Guardian;

/// <summary>First frame of a connection. Answered by <see cref="Welcome"/>; an older connection is dropped then.</summary>
/// <param name="ProcessId">Process id of the daemon; checked against the socket's peer credentials where both share a pid namespace.</param>
/// <param name="Version">Release of the daemon, for the log.</param>
public sealed record Hello(int ProcessId, string Version) : GuardianRequest
{
    public override FrameType Type => FrameType.Hello;

    /// <summary>What this daemon understands, see <see cref="NoteEdition"/>; a guardian that does not know the field ignores it.</summary>
    public NoteEdition Understands { get; init; }

    internal override void Write(ref FrameWriter w)
    {
        w.Int32(ProcessId);
        w.Text(Version);
        if (Understands != NoteEdition.First)
            w.Byte((byte)Understands);
    }

    internal static Hello Read(ref FrameReader r) => new(r.Int32(), r.Text()) { Understands = r.Remaining == 0 ? NoteEdition.First : (NoteEdition)r.Byte() };
}

/// <summary>Use these settings and keep them for the next boot. Stored durably before the answer. Refused when they are invalid, or
/// change cluster id or own index while anything runs here.</summary>
public sealed record ApplySettings(GuardianSettings Settings) : GuardianRequest
{
    public override FrameType Type => FrameType.ApplySettings;

    internal override void Write(ref FrameWriter w) => w.Bytes(GuardianSettingsCodec.Encode(Settings));

    internal static ApplySettings Read(ref FrameReader r) => new(GuardianSettingsCodec.Decode(r.Bytes()));
}

/// <summary>
/// Raise the term and void the claims of the excluded servers. Granted only under the rules of the vow: each excluded server silent
/// for V since the last beat we accepted (policy take-over, and ask-arbiters with the votes of a majority), or down and clean, or confirmed by an
/// administrator or a fence. Where votes are asked for the answer comes when they are counted. The answer's
/// data is the new <see cref="Term"/> (<see cref="Reply.Term"/>). Servers not excluded adopt the new term and go on.
/// </summary>
/// <param name="ExpectedTerm">Term the caller decided in; refused when it is no longer the guardian's.</param>
/// <param name="ExcludedServers">Bit i = server i.</param>
/// <param name="ConfirmedDown">Bit i = an administrator has confirmed, or a fence has made sure, that server i is down; counts instead of its own statement or of votes.</param>
/// <param name="Reason">Why, for the log and the peers' administrators.</param>
public sealed record RaiseTerm(Term ExpectedTerm, uint ExcludedServers, uint ConfirmedDown, string Reason) : GuardianRequest
{
    /// <summary>The store arbiter has given this server its vote by compare-and-set; does not count where no store is configured.</summary>
    public bool ArbiterVote { get; init; }

    public override FrameType Type => FrameType.RaiseTerm;

    internal override void Write(ref FrameWriter w)
    {
        w.Term(ExpectedTerm);
        w.UInt32(ExcludedServers);
        w.UInt32(ConfirmedDown);
        w.Text(Reason);
        if (ArbiterVote)
            w.Bool(true);
    }

    internal static RaiseTerm Read(ref FrameReader r) =>
        new(r.Term(), r.UInt32(), r.UInt32(), r.Text()) { ArbiterVote = r.Remaining > 0 && r.Bool() };
}

/// <summary>Bring a group address up on this server, behind the fence. The same ticket again answers "already done".</summary>
/// <param name="Ticket">Unique id of this start, made by <c>clpd</c>.</param>
/// <param name="Term">Refused unless it is the guardian's current term.</param>
/// <param name="Group">Group name.</param>
/// <param name="Resource">Resource name.</param>
/// <param name="Address">IPv4 or IPv6 address.</param>
/// <param name="PrefixLength">Prefix of the subnet, used to choose the device; the address itself is added as /32 or /128.</param>
/// <param name="Device">Interface; empty = the one that has an address in the same subnet.</param>
/// <param name="Probe">Look for another user of the address first (administrator starts; not after a verdict or a clean release).</param>
/// <param name="Announce">Send gratuitous ARP or unsolicited neighbour advertisements.</param>
/// <param name="Fenced">The kernel must close the address at the end of the grant; false only where the administrator wrote <c>fence = none</c>.</param>
public sealed record AddAddress(
    string Ticket, Term Term, string Group, string Resource, IPAddress Address, byte PrefixLength, string Device, bool Probe, bool Announce,
    bool Fenced)
    : GuardianRequest
{
    public override FrameType Type => FrameType.AddAddress;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Ticket);
        w.Term(Term);
        w.Text(Group);
        w.Text(Resource);
        w.Address(Address);
        w.Byte(PrefixLength);
        w.Text(Device);
        w.Bool(Probe);
        w.Bool(Announce);
        w.Bool(Fenced);
    }

    internal static AddAddress Read(ref FrameReader r) => new(
        r.Text(), r.Term(), r.Text(), r.Text(), Addresses.Required(ref r), r.Byte(), r.Text(), r.Bool(), r.Bool(),
        r.Bool());
}

/// <summary>Close the fence for the resource's address, take it off the interface, destroy sockets bound to it. Allowed in any term.</summary>
public sealed record RemoveAddress(string Group, string Resource) : GuardianRequest
{
    public override FrameType Type => FrameType.RemoveAddress;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Group);
        w.Text(Resource);
    }

    internal static RemoveAddress Read(ref FrameReader r) => new(r.Text(), r.Text());
}

/// <summary>
/// Start a program as the guardian's child, contained. The same ticket again answers "already done" while it lives. Its end is
/// told by <see cref="ProgramExited"/>. Refused when the term is not current, or the guardian is unclean, superseded, leaving or without grant.
/// </summary>
/// <param name="Ticket">Unique id of this start, made by <c>clpd</c>.</param>
/// <param name="Term">Term the start was decided in.</param>
/// <param name="Group">Group name.</param>
/// <param name="Resource">Resource name.</param>
/// <param name="Helper">A start or stop script beside the main program: contained with it, but not the resource's life.</param>
/// <param name="Arguments">Program (absolute path) and its arguments.</param>
/// <param name="Environment">Whole environment as <c>NAME=value</c>.</param>
/// <param name="WorkingDirectory">Directory to start in; empty = <c>/</c>.</param>
/// <param name="User">Account to run as; empty = root.</param>
/// <param name="Contain">How its tree is held together.</param>
/// <param name="LogFile">File its output is appended to; empty = discarded.</param>
/// <param name="LogLimitBytes">The log is rotated once at this size; 0 = 1 MiB.</param>
public sealed record StartProgram(
    string Ticket, Term Term, string Group, string Resource, bool Helper, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment,
    string WorkingDirectory, string User, Containment Contain, string LogFile, long LogLimitBytes) : GuardianRequest
{
    public override FrameType Type => FrameType.StartProgram;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Ticket);
        w.Term(Term);
        w.Text(Group);
        w.Text(Resource);
        w.Bool(Helper);
        w.Texts(Arguments);
        w.Texts(Environment);
        w.Text(WorkingDirectory);
        w.Text(User);
        w.Byte((byte)Contain);
        w.Text(LogFile);
        w.Int64(LogLimitBytes);
    }

    internal static StartProgram Read(ref FrameReader r) => new(
        r.Text(), r.Term(), r.Text(), r.Text(), r.Bool(), r.Texts(), r.Texts(), r.Text(), r.Text(), (Containment)r.Byte(), r.Text(), r.Int64());
}

/// <summary>Send a signal to the program with this ticket (its main process only). Allowed in any term.</summary>
public sealed record SignalProgram(string Ticket, int Signal) : GuardianRequest
{
    public override FrameType Type => FrameType.SignalProgram;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Ticket);
        w.Int32(Signal);
    }

    internal static SignalProgram Read(ref FrameReader r) => new(r.Text(), r.Int32());
}

/// <summary>Kill every process of the resource's programs, daemonised children included, and answer when none is left. Allowed in any term.</summary>
public sealed record KillContainment(string Group, string Resource) : GuardianRequest
{
    public override FrameType Type => FrameType.KillContainment;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Group);
        w.Text(Resource);
    }

    internal static KillContainment Read(ref FrameReader r) => new(r.Text(), r.Text());
}

/// <summary>One step of the stop plan: what to end next when the guardian makes the server safe alone.</summary>
public sealed record StopStep(string Group, string Resource);

/// <summary>Order in which the guardian ends things when it must make the server safe without <c>clpd</c>. Replaces the older plan;
/// what is not named is ended last, what does not run is passed over. Forgotten with the guardian, so it is handed over at each greeting, before anything can be
/// started. Not followed where somebody else may run the same already: then everything ends at once.</summary>
public sealed record SetStopPlan(IReadOnlyList<StopStep> Steps) : GuardianRequest
{
    public override FrameType Type => FrameType.SetStopPlan;

    internal override void Write(ref FrameWriter w)
    {
        w.Count(Steps.Count);
        foreach (StopStep step in Steps)
        {
            w.Text(step.Group);
            w.Text(step.Resource);
        }
    }

    internal static SetStopPlan Read(ref FrameReader r)
    {
        var steps = new StopStep[r.UInt16()];
        for (int i = 0; i < steps.Length; i++)
            steps[i] = new StopStep(r.Text(), r.Text());
        return new SetStopPlan(steps);
    }
}

/// <summary>Ask for <see cref="GuardianTable"/>: everything a restarted <c>clpd</c> needs to adopt what runs.</summary>
public sealed record GetTable : GuardianRequest
{
    public override FrameType Type => FrameType.GetTable;

    internal override void Write(ref FrameWriter w)
    {
    }
}

/// <summary>Kill all programs by the stop plan, remove all addresses, and state "down and clean" for this term; answered when done.
/// Nothing starts here again before the term has changed.</summary>
public sealed record MakeSafe(string Reason) : GuardianRequest
{
    public override FrameType Type => FrameType.MakeSafe;

    internal override void Write(ref FrameWriter w) => w.Text(Reason);

    internal static MakeSafe Read(ref FrameReader r) => new(r.Text());
}

/// <summary>The daemon has stopped its groups: make safe, beat "down and clean, leaving" some times, then end the guardian with exit code 0.</summary>
public sealed record Leave(string Reason) : GuardianRequest
{
    public override FrameType Type => FrameType.Leave;

    internal override void Write(ref FrameWriter w) => w.Text(Reason);

    internal static Leave Read(ref FrameReader r) => new(r.Text());
}

/// <summary>Ask for <see cref="GuardianStatistics"/>.</summary>
public sealed record GetStatistics : GuardianRequest
{
    public override FrameType Type => FrameType.GetStatistics;

    internal override void Write(ref FrameWriter w)
    {
    }
}

internal static class Addresses
{
    public static IPAddress Required(ref FrameReader r) =>
        r.Address() ?? throw new GuardianFormatException("frame without the address it needs");
}
