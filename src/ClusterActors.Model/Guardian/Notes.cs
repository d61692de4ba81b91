using System.Net;
using System.Text;

namespace ClusterActors.Model.Guardian;

/// <summary>Answer to <see cref="Hello"/>.</summary>
/// <param name="Incarnation">This life of the guardian; programs of another life do not exist any more.</param>
/// <param name="Term">Term in force.</param>
/// <param name="OwnIndex">Own server index, 255 while the guardian has no settings.</param>
/// <param name="Flags">Own conditions.</param>
/// <param name="Grant">Own grant.</param>
/// <param name="HasSettings">False: hand them over by <see cref="ApplySettings"/>; the guardian does not beat yet.</param>
/// <param name="SettleRemaining">Rest of the start-up wait in which nothing can be taken over; 0 when over.</param>
/// <param name="ConfigHash">Hash of the configuration the settings in force came from.</param>
public sealed record Welcome(
    Incarnation Incarnation, Term Term, byte OwnIndex, GuardianFlags Flags, GrantState Grant, bool HasSettings, TimeSpan SettleRemaining,
    ulong ConfigHash) : GuardianNote
{
    public override FrameType Type => FrameType.Welcome;

    internal override void Write(ref FrameWriter w)
    {
        w.Incarnation(Incarnation);
        w.Term(Term);
        w.Byte(OwnIndex);
        w.UInt16((ushort)Flags);
        w.Byte((byte)Grant);
        w.Bool(HasSettings);
        w.Duration(SettleRemaining);
        w.UInt64(ConfigHash);
    }

    internal static Welcome Read(ref FrameReader r) => new(
        r.Incarnation(), r.Term(), r.Byte(), (GuardianFlags)r.UInt16(), (GrantState)r.Byte(), r.Bool(), r.Duration(), r.UInt64());
}

/// <summary>Answer to a request; the request id is in the frame's header.</summary>
/// <param name="Result">Outcome.</param>
/// <param name="Sentence">Reason or explanation for people; empty only when done.</param>
/// <param name="Data">Depends on the request: a term, a table, statistics; empty otherwise.</param>
public sealed record Reply(GuardianResult Result, string Sentence, byte[] Data) : GuardianFrame
{
    public override FrameType Type => FrameType.Reply;

    /// <summary>Done, or already so.</summary>
    public bool Succeeded => Result is GuardianResult.Done or GuardianResult.AlreadyDone;

    /// <summary>The new term, from the answer to <see cref="RaiseTerm"/>.</summary>
    public Term Term
    {
        get
        {
            var r = new FrameReader(Data);
            return r.Term();
        }
    }

    /// <summary>Link address of the host that has the address, with <see cref="GuardianResult.InUse"/>; empty when it is on this server already.</summary>
    public string Holder => Encoding.ASCII.GetString(Data);

    /// <summary>The main process id, from the answer to <see cref="StartProgram"/>.</summary>
    public int ProcessId
    {
        get
        {
            var r = new FrameReader(Data);
            return r.Int32();
        }
    }

    /// <summary>The table, from the answer to <see cref="GetTable"/>.</summary>
    public GuardianTable Table => GuardianTable.Decode(Data);

    /// <summary>The figures, from the answer to <see cref="GetStatistics"/>.</summary>
    public GuardianStatistics Statistics => GuardianStatistics.Decode(Data);

    internal override void Write(ref FrameWriter w)
    {
        w.Byte((byte)Result);
        w.Text(Sentence);
        w.Bytes(Data);
    }

    internal static Reply Read(ref FrameReader r) => new((GuardianResult)r.Byte(), r.Text(), r.Bytes());
}

/// <summary>A peer's state, incarnation, term, flags or daemon changed.</summary>
/// <param name="Server">Index of the peer.</param>
/// <param name="State">State over all channels.</param>
/// <param name="Incarnation">Its newest incarnation, all zero before the first beat.</param>
/// <param name="Term">Its newest term.</param>
/// <param name="Flags">Its newest flags.</param>
/// <param name="Daemon">What it says about its daemon.</param>
/// <param name="DaemonSince">For how long it has been in that state.</param>
/// <param name="ConfigHash">Its configuration's hash.</param>
/// <param name="SilentFor">Age of its newest beat.</param>
/// <param name="MayExclude">True when <see cref="RaiseTerm"/> would be granted for it now, as far as this peer is concerned.</param>
public sealed record PeerChanged(
    byte Server, PeerState State, Incarnation Incarnation, Term Term, GuardianFlags Flags, DaemonState Daemon, TimeSpan DaemonSince,
    ulong ConfigHash, TimeSpan SilentFor, bool MayExclude) : GuardianNote
{
    public override FrameType Type => FrameType.PeerChanged;

    internal override void Write(ref FrameWriter w)
    {
        w.Byte(Server);
        w.Byte((byte)State);
        w.Incarnation(Incarnation);
        w.Term(Term);
        w.UInt16((ushort)Flags);
        w.Byte((byte)Daemon);
        w.Duration(DaemonSince);
        w.UInt64(ConfigHash);
        w.Duration(SilentFor);
        w.Bool(MayExclude);
    }

    internal static PeerChanged Read(ref FrameReader r) => new(
        r.Byte(), (PeerState)r.Byte(), r.Incarnation(), r.Term(), (GuardianFlags)r.UInt16(), (DaemonState)r.Byte(), r.Duration(), r.UInt64(),
        r.Duration(), r.Bool());
}

/// <summary>One cell of the who-hears-whom matrix changed. With <paramref name="Hearer"/> = own index it is this server's own channel.</summary>
/// <param name="Hearer">Server that listens.</param>
/// <param name="Heard">Server it listens to.</param>
/// <param name="Network">Index of the network.</param>
/// <param name="State">For a peer's row only <see cref="ChannelState.Up"/> and <see cref="ChannelState.Down"/> are known.</param>
/// <param name="SilentFor">Age of the newest beat (own channels only, else 0).</param>
public sealed record ChannelChanged(byte Hearer, byte Heard, byte Network, ChannelState State, TimeSpan SilentFor) : GuardianNote
{
    public override FrameType Type => FrameType.ChannelChanged;

    internal override void Write(ref FrameWriter w)
    {
        w.Byte(Hearer);
        w.Byte(Heard);
        w.Byte(Network);
        w.Byte((byte)State);
        w.Duration(SilentFor);
    }

    internal static ChannelChanged Read(ref FrameReader r) => new(r.Byte(), r.Byte(), r.Byte(), (ChannelState)r.Byte(), r.Duration());
}

/// <summary>The term in force changed: raised here, or adopted from a peer.</summary>
/// <param name="Previous">Term before.</param>
/// <param name="Term">Term now.</param>
/// <param name="ExcludedServers">Bit i = server i's claims from earlier terms are void.</param>
/// <param name="Reason">Sentence.</param>
public sealed record TermChanged(Term Previous, Term Term, uint ExcludedServers, string Reason) : GuardianNote
{
    public override FrameType Type => FrameType.TermChanged;

    internal override void Write(ref FrameWriter w)
    {
        w.Term(Previous);
        w.Term(Term);
        w.UInt32(ExcludedServers);
        w.Text(Reason);
    }

    internal static TermChanged Read(ref FrameReader r) => new(r.Term(), r.Term(), r.UInt32(), r.Text());
}

/// <summary>The grant was given, ran out or ended.</summary>
public sealed record GrantChanged(GrantState State, Term Term, string Reason) : GuardianNote
{
    public override FrameType Type => FrameType.GrantChanged;

    internal override void Write(ref FrameWriter w)
    {
        w.Byte((byte)State);
        w.Term(Term);
        w.Text(Reason);
    }

    internal static GrantChanged Read(ref FrameReader r) => new((GrantState)r.Byte(), r.Term(), r.Text());
}

/// <summary>A program ended.</summary>
/// <param name="Ticket">Ticket of its start.</param>
/// <param name="Group">Group name.</param>
/// <param name="Resource">Resource name.</param>
/// <param name="ExitCode">Exit status, or -1 when a signal ended it.</param>
/// <param name="Signal">Signal that ended it, 0 for none.</param>
/// <param name="Lifetime">How long it lived.</param>
public sealed record ProgramExited(string Ticket, string Group, string Resource, int ExitCode, int Signal, TimeSpan Lifetime) : GuardianNote
{
    public override FrameType Type => FrameType.ProgramExited;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Ticket);
        w.Text(Group);
        w.Text(Resource);
        w.Int32(ExitCode);
        w.Int32(Signal);
        w.Duration(Lifetime);
    }

    internal static ProgramExited Read(ref FrameReader r) => new(r.Text(), r.Text(), r.Text(), r.Int32(), r.Int32(), r.Duration());
}

/// <summary>Another machine uses or announces a group address that is up here.</summary>
/// <param name="Rival">Its hardware address as text.</param>
public sealed record AddressConflict(string Group, string Resource, IPAddress Address, string Rival) : GuardianNote
{
    public override FrameType Type => FrameType.AddressConflict;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Group);
        w.Text(Resource);
        w.Address(Address);
        w.Text(Rival);
    }

    internal static AddressConflict Read(ref FrameReader r) => new(r.Text(), r.Text(), Addresses.Required(ref r), r.Text());
}

/// <summary>
/// A peer's higher term voided this server's claims: the fence is closed, programs killed, addresses removed, the higher term
/// adopted (event rc 92 when anything ran).
/// </summary>
/// <param name="OldTerm">Own term before.</param>
/// <param name="NewTerm">The peer's.</param>
/// <param name="ByServer">Who showed it.</param>
/// <param name="ProgramsKilled">Programs that were running.</param>
/// <param name="AddressesRemoved">Addresses that were up.</param>
public sealed record Superseded(Term OldTerm, Term NewTerm, byte ByServer, ushort ProgramsKilled, ushort AddressesRemoved) : GuardianNote
{
    public override FrameType Type => FrameType.Superseded;

    internal override void Write(ref FrameWriter w)
    {
        w.Term(OldTerm);
        w.Term(NewTerm);
        w.Byte(ByServer);
        w.UInt16(ProgramsKilled);
        w.UInt16(AddressesRemoved);
    }

    internal static Superseded Read(ref FrameReader r) => new(r.Term(), r.Term(), r.Byte(), r.UInt16(), r.UInt16());
}

/// <summary>The guardian was told to end (SIGTERM): stop all groups in order, then send <see cref="Leave"/>, within the limit.</summary>
public sealed record StopRequested(string Reason, TimeSpan Limit) : GuardianNote
{
    public override FrameType Type => FrameType.StopRequested;

    internal override void Write(ref FrameWriter w)
    {
        w.Text(Reason);
        w.Duration(Limit);
    }

    internal static StopRequested Read(ref FrameReader r) => new(r.Text(), r.Duration());
}

/// <summary>The guardian's own loop was late by more than half the timeout, or its grant ran out: distrust what was seen meanwhile.</summary>
/// <param name="Gap">Time between two passes of the beat loop.</param>
/// <param name="GrantExpired">The grant ran out in the gap.</param>
/// <param name="Sentence">What happened, for the log.</param>
public sealed record StallReport(TimeSpan Gap, bool GrantExpired, string Sentence) : GuardianNote
{
    public override FrameType Type => FrameType.StallReport;

    internal override void Write(ref FrameWriter w)
    {
        w.Duration(Gap);
        w.Bool(GrantExpired);
        w.Text(Sentence);
    }

    internal static StallReport Read(ref FrameReader r) => new(r.Duration(), r.Bool(), r.Text());
}
