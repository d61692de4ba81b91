using System.Globalization;
using ClusterActors.Model.Voting;

namespace ClusterActors.Model.Guardian;

/// <summary>What this server's right to run groups rests on, and what it has promised to others.</summary>
/// <param name="Mode">Voting mode in force.</param>
/// <param name="Grant">State of the grant.</param>
/// <param name="GrantRemaining">Time until the grant ends unless renewed; 0 when none is held.</param>
/// <param name="Voter">Whose vow ends with it: a server index, <see cref="ArbiterVoter"/>, or <see cref="NoVoter"/>.</param>
/// <param name="HoldPromise">It has promised to take nothing over by verdict.</param>
/// <param name="Relying">It runs groups by the promises of the others, without vows.</param>
/// <param name="Forgetful">Its record was lost: it gives no vow and no vote before it has met every peer.</param>
/// <param name="Candidate">Term it asks votes for; zero when it is no candidate.</param>
/// <param name="Voted">Highest term it has voted for that is not in force; zero for none.</param>
/// <param name="Arbiter">Kind of the voting arbiter.</param>
/// <param name="ArbiterSilent">Time since it answered usefully.</param>
/// <param name="Verdict">The witness's newest verdict.</param>
/// <param name="Registered">Servers in the witness's register.</param>
public sealed record VotingState(
    VotingMode Mode, GrantState Grant, TimeSpan GrantRemaining, byte Voter, bool HoldPromise, bool Relying, bool Forgetful, Term Candidate, Term Voted,
    VotingArbiter Arbiter, TimeSpan ArbiterSilent, WitnessVerdict Verdict, uint Registered)
{
    /// <summary><see cref="Voter"/> for the voting arbiter.</summary>
    public const byte ArbiterVoter = 254;

    /// <summary><see cref="Voter"/> when the grant rests on nobody's vow.</summary>
    public const byte NoVoter = 255;

    /// <summary>Nothing is voted on, or the guardian has no settings yet.</summary>
    public static readonly VotingState None = new(
        VotingMode.None, GrantState.None, TimeSpan.Zero, NoVoter, false, false, false, Term.Zero, Term.Zero, VotingArbiter.None, TimeSpan.Zero, WitnessVerdict.None, 0);

    /// <summary>The grant in words, for people: "may run until +1.2 s, by vow of server2".</summary>
    public string Describe(GuardianSettings settings)
    {
        if (Grant != GrantState.Held)
            return Forgetful ? "may not run: its record of votes was lost and it has not met every server yet" : "may not run: no grant is held";
        string until = string.Create(CultureInfo.InvariantCulture, $"may run until +{GrantRemaining.TotalSeconds:0.0} s");
        return Voter switch
        {
            ArbiterVoter => $"{until}, by vow of {settings.ArbiterName}",
            NoVoter when Relying => $"{until}, by hold promise of the other server",
            NoVoter => $"{until}, by its own beats",
            _ => $"{until}, by vow of {settings.NameOf(Voter)}",
        };
    }

    internal void Write(ref FrameWriter w)
    {
        w.Byte((byte)Mode);
        w.Byte((byte)Grant);
        w.Duration(GrantRemaining);
        w.Byte(Voter);
        w.Bool(HoldPromise);
        w.Bool(Relying);
        w.Bool(Forgetful);
        w.Term(Candidate);
        w.Term(Voted);
        w.Byte((byte)Arbiter);
        w.Duration(ArbiterSilent);
        w.Byte((byte)Verdict);
        w.UInt32(Registered);
    }

    internal static VotingState Read(ref FrameReader r) => new(
        (VotingMode)r.Byte(), (GrantState)r.Byte(), r.Duration(), r.Byte(), r.Bool(), r.Bool(), r.Bool(), r.Term(), r.Term(), (VotingArbiter)r.Byte(),
        r.Duration(), (WitnessVerdict)r.Byte(), r.UInt32());
}

/// <summary>What the grant rests on, a promise, a vote or the arbiter's verdict changed. Not sent for each renewal.</summary>
/// <param name="State">As it is now.</param>
/// <param name="Reason">What changed, for the log.</param>
public sealed record VotingChanged(VotingState State, string Reason) : GuardianNote
{
    public override FrameType Type => FrameType.VotingChanged;

    internal override void Write(ref FrameWriter w)
    {
        State.Write(ref w);
        w.Text(Reason);
    }

    internal static VotingChanged Read(ref FrameReader r) => new(VotingState.Read(ref r), r.Text());
}

/// <summary>
/// The store arbiter (etcd, PostgreSQL) took this server's counter: a vow. It counts as sent at <paramref name="SentAt"/>, so read that before the
/// store is asked. Refused in another term than the guardian's, and where no store is configured.
/// </summary>
/// <param name="Term">Term that was shown to the store.</param>
/// <param name="SentAt">CLOCK_BOOTTIME before the store was asked, nanoseconds.</param>
/// <param name="Vow">How long a taker must see the counter unchanged.</param>
public sealed record ArbiterVow(Term Term, long SentAt, TimeSpan Vow) : GuardianRequest
{
    public override FrameType Type => FrameType.ArbiterVow;

    internal override void Write(ref FrameWriter w)
    {
        w.Term(Term);
        w.Int64(SentAt);
        w.Duration(Vow);
    }

    internal static ArbiterVow Read(ref FrameReader r) => new(r.Term(), r.Int64(), r.Duration());
}
