using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>What the engine remembers of one channel. Times are boot-time nanoseconds.</summary>
internal struct ChannelTrack
{
    /// <summary>The peer has an address on this network.</summary>
    public bool Configured;

    /// <summary>A beat of any life of the peer was accepted on it.</summary>
    public bool Heard;

    /// <summary>Receipt of the newest accepted beat.</summary>
    public long LastHeard;

    /// <summary>Sequence of that beat; only larger ones of the same life are accepted.</summary>
    public ulong LastSequence;

    public ChannelState State;

    /// <summary>Send time in that beat, by the peer's clock; 0 when none of this life was heard.</summary>
    public long LastSendTime;

    /// <summary>Share of the limit that was last warned of in the present silence; 0 for none.</summary>
    public byte Warned;

    /// <summary>When that was, to keep a channel that flutters from filling the log.</summary>
    public long WarnedAt;
}

/// <summary>A vow received.</summary>
internal struct VowTrack
{
    /// <summary>L after <see cref="SentAt"/>: the grant may rest on it until here. 0 = none.</summary>
    public long End;

    /// <summary>When the message that it answers was sent.</summary>
    public long SentAt;

    /// <summary>Its length as it was given, nanoseconds.</summary>
    public long Length;
}

/// <summary>What the engine remembers of one peer. Made once, changed in place.</summary>
internal sealed class PeerTrack
{
    public readonly ChannelTrack[] Channels = new ChannelTrack[GuardianSettings.MaxNetworks];

    /// <summary>Newest row of the matrix it sent: per server the networks on which it hears that server.</summary>
    public readonly byte[] MatrixRow = new byte[GuardianSettings.MaxServers];

    public bool Configured;
    public bool Heard;
    public Incarnation Incarnation;
    public ulong NewestSequence;
    public long LastHeard;
    public Term Term;
    public GuardianFlags Flags;
    public DaemonState Daemon;
    public uint DaemonSinceMilliseconds;
    public long DaemonToldAt;
    public ulong ConfigHash;

    /// <summary>Its beats carry answers to this life of ours.</summary>
    public bool AnswersUs;

    /// <summary>Send time of our newest beat that it answered while in our term.</summary>
    public long AnsweredSendTime;

    /// <summary>Its vow to us. Kept when it begins a new life: that one keeps what it may have promised by its start-up wait.</summary>
    public VowTrack Vow;

    /// <summary>Newest of our sequences that its newest statement answers; 0 when it answers another life.</summary>
    public ulong AnsweredSequence;

    /// <summary>Receipt of its newest statement: what an answer to it vows is counted from here.</summary>
    public long NewestReceivedAt;

    /// <summary>Its vote for our present candidacy counts until here; 0 = none.</summary>
    public long VoteUntil;

    /// <summary>Term that it asks votes for; zero when it is no candidate.</summary>
    public Term CandidateTerm;
    public uint CandidateExcluded;
    public uint CandidateProven;

    /// <summary>Our vow to it runs until here; before that this server does not take over from it.</summary>
    public long VowUntil;

    /// <summary>V that it told in its newest statement, in answer to this life of ours, nanoseconds; 0 = none.</summary>
    public long ToldVow;

    /// <summary>Sequence of its beats from which on it counts on the V told now; 0 = not shown yet.</summary>
    public ulong ShortVowFrom;

    /// <summary>Such a beat has come.</summary>
    public bool CountsOnShortVow;

    /// <summary>The newest datagram under its name was of an older life than the one known here.</summary>
    public bool ShowsOlderLife;

    /// <summary>Its newest beat may be answered (its term was not older than ours then).</summary>
    public bool Answerable;

    /// <summary>It promised "down and clean" for <see cref="CleanTerm"/> in its current life, to our current life.</summary>
    public bool CleanStated;
    public Term CleanTerm;

    public PeerState State;
    public bool Changed;

    /// <summary>A shorter V is told from now on.</summary>
    public void ForgetShortVow()
    {
        ShortVowFrom = 0;
        CountsOnShortVow = false;
    }

    /// <summary>Forget what belonged to an earlier life.</summary>
    public void BeginLife(Incarnation incarnation)
    {
        Incarnation = incarnation;
        NewestSequence = 0;
        AnswersUs = false;
        AnsweredSendTime = 0;
        AnsweredSequence = 0;
        VoteUntil = 0;
        CandidateTerm = Term.Zero;
        ToldVow = 0;
        ForgetShortVow();
        Answerable = false;
        CleanStated = false;
        for (int i = 0; i < Channels.Length; i++)
        {
            Channels[i].LastSequence = 0;
            Channels[i].LastSendTime = 0;
        }
    }
}
