using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Lan;

/// <summary>Contents of one beat, decoded. A value: lives on the stack, allocates nothing.</summary>
public struct Beat
{
    /// <summary>Index of the server that sent it.</summary>
    public byte Sender;

    /// <summary>Index of the server it was made for; a beat is never valid for another one.</summary>
    public byte Receiver;

    /// <summary>Network it was sent on.</summary>
    public byte Network;

    /// <summary>State of the sender's node daemon.</summary>
    public DaemonState Daemon;

    /// <summary>How long the daemon has been in that state, milliseconds.</summary>
    public uint DaemonSinceMilliseconds;

    /// <summary>The sender's life.</summary>
    public Incarnation Incarnation;

    /// <summary>Number of the sender's pass in that life; the same on every network.</summary>
    public ulong Sequence;

    /// <summary>The sender's boot-time clock before it sent, nanoseconds.</summary>
    public long SendTime;

    /// <summary>Term in force at the sender.</summary>
    public Term Term;

    /// <summary>Term from which <see cref="Term"/> was raised.</summary>
    public Term BaseTerm;

    /// <summary>Servers whose claims from before <see cref="Term"/> are void.</summary>
    public uint ExcludedServers;

    /// <summary>Conditions at the sender.</summary>
    public GuardianFlags Flags;

    /// <summary>
    /// The receiver's life that this beat answers; zero when nothing is answered. With <see cref="AnsweredSequence"/> 0 it is no answer but names the
    /// latest life known, to a receiver that shows an older one.
    /// </summary>
    public Incarnation AnsweredIncarnation;

    /// <summary>Newest sequence of the receiver that the sender accepted.</summary>
    public ulong AnsweredSequence;

    /// <summary>Vow in milliseconds that goes with the answer; 0 = none.</summary>
    public uint VowMilliseconds;

    /// <summary>Hash of the sender's configuration.</summary>
    public ulong ConfigHash;

    /// <summary>Carries the fields below (version 2). In version 1 they are none.</summary>
    public bool WithVotes;

    /// <summary>Term that the sender asks votes for, raised from <see cref="Term"/>; zero when it is no candidate.</summary>
    public Term CandidateTerm;

    /// <summary>Servers that <see cref="CandidateTerm"/> would exclude.</summary>
    public uint CandidateExcluded;

    /// <summary>Those of them known to be down by other proof than silence: fenced, or confirmed by an administrator.</summary>
    public uint CandidateProven;

    /// <summary>Term of the receiver's candidacy that the sender has durably voted for; zero for none.</summary>
    public Term VotedTerm;
}
