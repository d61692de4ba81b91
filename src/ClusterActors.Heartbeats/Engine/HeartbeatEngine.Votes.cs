using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Engine;

/// <summary>
/// The grant under vows (safety.md section 1): it ends L after the sending of the newest message that enough voters answered. With N voters,
/// m of them a majority, the deadline is the (m-1)-th largest end of a vow: this server is the m-th voter.
/// <code>
/// none, ended -> held     groups may run in the term, every server that goes on in it has shown it, and enough vows are open
/// held        -> expired  a margin before the deadline: the note StandDown; the guardian ends everything before the deadline
/// expired     -> held     the guardian has stood down, and enough voters in the same term answered messages sent after the expiry
/// </code>
/// An open deadline is never moved back: a vow given is kept, whatever is learned or configured later.
/// </summary>
public sealed partial class HeartbeatEngine
{
    /// <summary>Voter number of the arbiter in <see cref="GrantVoter"/>.</summary>
    public const byte ArbiterVoter = VotingState.ArbiterVoter;

    /// <summary><see cref="GrantVoter"/> when no vow is needed: policies hold and take-over, fence only, and by hold promise.</summary>
    public const byte NoVoter = VotingState.NoVoter;

    private const double RateError = FenceLease.ClockRateError;
    private const long LongestMargin = 100 * Millisecond;

    private readonly long[] _ends = new long[GuardianSettings.MaxServers + 1];
    private VotingMode _voting;
    private VotingArbiter _arbiter;
    private int _majority;
    private long _interval;
    private long _killDelay;
    private long _margin;
    private long _arbiterLostAfter;
    private VowTrack _arbiterVow;
    private long _vowsFrom;
    private long _killBy;
    private bool _standingDown;
    private bool _passWanted;

    /// <summary>Votes count: policy ask-arbiters with three or more voters.</summary>
    public bool UnderVows => _voting == VotingMode.Vows;

    /// <summary>
    /// The kill timer stays at the last deadline it was set to while the grant is expired: under vows no pass of our own prolongs what the voters
    /// have not promised. Otherwise it follows the passes.
    /// </summary>
    public bool KillStaysAtDeadline => UnderVows;

    /// <summary>The guardian is ending everything; the grant is not held again before <see cref="StoodDown"/>.</summary>
    public bool StandingDown => _standingDown;

    /// <summary>Instant that a relative kernel lease must be counted from: the send time behind the deadline. Valid while the grant is held.</summary>
    public long GrantBasis { get; private set; }

    /// <summary>Length of the vow behind the deadline, nanoseconds.</summary>
    public long GrantVow { get; private set; }

    /// <summary>The voter whose vow ends with the deadline: a server, <see cref="ArbiterVoter"/> or <see cref="NoVoter"/>.</summary>
    public byte GrantVoter { get; private set; } = NoVoter;

    /// <summary>A pass now instead of at the next interval: the peers or the arbiter should know, or the kernel's deadline has to move.</summary>
    public bool WantsPass => _passWanted;

    /// <summary>Everything here was ended after a StandDown note. Only then may the grant be held again.</summary>
    public void StoodDown()
    {
        _standingDown = false;
        _killBy = 0;
    }

    /// <summary>A store arbiter answered <c>clpd</c>: its vow counts from <paramref name="sentAt"/>. False when it does not count: another term, or no store is configured.</summary>
    public bool ArbiterVow(long now, Term term, long sentAt, long vow)
    {
        if (!UnderVows || _arbiter != VotingArbiter.Store || term != _term || sentAt <= 0 || sentAt > now || vow <= 0)
            return false;
        TakeVow(ref _arbiterVow, sentAt, vow);
        ArbiterAnswered(now);
        return true;
    }

    private void ApplyVoting(GuardianSettings settings)
    {
        _voting = settings.Voting;
        _arbiter = settings.Arbiter;
        _majority = settings.Majority;
        _interval = settings.Interval.Ticks * 100;
        _killDelay = settings.KillDelay.Ticks * 100;
        _margin = Math.Min(_grantLength / 10, LongestMargin);
        _arbiterLostAfter = settings.ArbiterLostAfter.Ticks * 100;
        if (!UnderVows)
            GiveUpCandidacy("votes no longer count");
        if (_arbiter == VotingArbiter.None)
            _arbiterVow = default;
        CountSilenced();
    }

    /// <summary>
    /// L for a vow that was given: what S1 leaves of it, and never more than configured. The own file says nothing about the length of another's
    /// vow, since a change of the ratio reaches one side first.
    /// </summary>
    private long GrantFor(long vow)
    {
        if (vow >= _timeout)
            return _grantLength;
        long allowed = (long)(((vow * (1 - RateError)) - _killDelay) / (1 + RateError)) - 1;
        return Math.Clamp(allowed, 0, _grantLength);
    }

    /// <summary>Takes a vow for the message sent at <paramref name="sentAt"/>; one sent before the last expiry no longer counts.</summary>
    private void TakeVow(ref VowTrack track, long sentAt, long vow)
    {
        if (sentAt <= _vowsFrom)
            return;
        long end = sentAt + GrantFor(vow);
        if (end <= track.End)
            return;
        track = new VowTrack { End = end, SentAt = sentAt, Length = vow };
        bool near = GrantDeadline - _lastTick < _margin + (2 * _interval) && _lastTick - _passTime >= _interval / 4;
        if (UnderVows && Grant == GrantState.Held && near)
            _passWanted = true;
    }

    private void DropVows(long from)
    {
        _vowsFrom = Math.Max(_vowsFrom, from);
        _arbiterVow = default;
        for (int i = 0; i < _peers.Length; i++)
            _peers[i].Vow = default;
    }

    /// <summary>The (m-1)-th largest end of a vow; 0 when there are fewer.</summary>
    private long EndOfVows(out byte voter)
    {
        for (int i = 0; i < _peers.Length; i++)
            _ends[i] = _peers[i].Configured ? _peers[i].Vow.End : 0;
        _ends[^1] = _arbiter != VotingArbiter.None ? _arbiterVow.End : 0;
        int chosen = 0;
        long end = 0;
        for (int round = 1; round < _majority; round++)
        {
            chosen = 0;
            for (int i = 1; i < _ends.Length; i++)
            {
                if (_ends[i] > _ends[chosen])
                    chosen = i;
            }

            end = _ends[chosen];
            _ends[chosen] = 0;
        }

        voter = end == 0 ? NoVoter : chosen == GuardianSettings.MaxServers ? ArbiterVoter : (byte)chosen;
        return end;
    }

    /// <summary>Moves the deadline to what the vows allow, or by hold promise to L after this pass.</summary>
    private void MoveDeadline()
    {
        long end = EndOfVows(out byte voter);
        VowTrack vow = voter == ArbiterVoter ? _arbiterVow : voter == NoVoter ? default : _peers[voter].Vow;
        if (MayRely && _passTime + _grantLength > end)
        {
            (end, voter) = (_passTime + _grantLength, NoVoter);
            vow = new VowTrack { SentAt = _passTime, Length = _timeout };
        }

        if (end <= GrantDeadline)
            return;
        GrantDeadline = end;
        GrantBasis = vow.SentAt;
        GrantVow = vow.Length;
        GrantVoter = voter;
    }

    private long EndPassUnderVows(bool acceptedNow)
    {
        JudgeGrant(_passTime);
        bool enough = MayRely || EndOfVows(out _) - _margin > _passTime;
        if (Grant is GrantState.None or GrantState.Ended)
        {
            if (_accepted && enough && !_standingDown)
                Hold("a majority of the voters answers in this term");
        }
        else if (Grant == GrantState.Expired)
        {
            if (enough && !_standingDown)
                Hold("enough voters in the same term answered messages sent after the expiry");
        }
        else if (acceptedNow)
            Hold("every live server has adopted the term");

        if (Grant == GrantState.Held)
        {
            MoveDeadline();
            _killBy = GrantDeadline;
        }

        return GrantDeadline;
    }

    /// <summary>The margin before the deadline has begun: everything must end inside it, or the kernel ends the guardian.</summary>
    private void JudgeGrant(long now)
    {
        if (!UnderVows)
            return;
        if (Grant == GrantState.Held && now >= StandDownAt())
            ExpireUnderVows(now);
        else if (Grant == GrantState.Expired && !_standingDown && _killBy != 0 && now >= _killBy - _margin)
            BeginStandDown(now);
    }

    private long StandDownAt()
    {
        long end = Math.Max(GrantDeadline, EndOfVows(out _));
        return end - _margin;
    }

    private void ExpireUnderVows(long now)
    {
        DropVows(now);
        _expiredAt = now;
        GrantDeadline = 0;
        GrantVoter = NoVoter;
        Tell(GrantState.Expired, "too few voters have answered in time");
        BeginStandDown(now);
    }

    private void BeginStandDown(long now)
    {
        _standingDown = true;
        Notes.Add(new EngineNote
        {
            Kind = EngineNoteKind.StandDown,
            Term = _term,
            Nanoseconds = Math.Max(0, _killBy - now),
            Reason = "nobody else may be able to see that this server still runs",
        });
    }

    private long NextOfVows(long next, long now)
    {
        if (!UnderVows)
            return next;
        if (Grant == GrantState.Held)
            next = Earlier(next, StandDownAt(), now);
        else if (Grant == GrantState.Expired && !_standingDown && _killBy != 0)
            next = Earlier(next, _killBy - _margin, now);
        if (_isCandidate)
            next = Earlier(next, _candidateUntil, now);
        return Earlier(next, _askAgainAt, now);
    }
}
