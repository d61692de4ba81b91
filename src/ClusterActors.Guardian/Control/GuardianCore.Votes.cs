using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>Votes, promises, and standing down when the grant under vows ends.</summary>
internal sealed partial class GuardianCore
{
    private static readonly TimeSpan StandDownRetry = TimeSpan.FromMilliseconds(10);

    private (RaiseTerm Request, Action<Reply> Answer)? _asked;
    private bool _storingRaise;
    private bool _standingDown;

    private static VotingState VotingOf(HeartbeatEngine engine, GuardianSettings settings, long now) => new(
        settings.Voting, engine.Grant, TimeSpan.FromTicks(Math.Max(0, engine.Grant == GrantState.Held ? engine.GrantDeadline - now : 0) / 100),
        engine.GrantVoter, engine.HoldPromise, engine.Relying, engine.Forgetful, engine.CandidateTerm, engine.VotedTerm, settings.Arbiter,
        TimeSpan.FromTicks(engine.ArbiterSilence(now) / 100), engine.WitnessVerdict, engine.Registered);

    private bool HandleVotes(in EngineNote note)
    {
        switch (note.Kind)
        {
            case EngineNoteKind.StandDown:
                _log.Error($"the grant ends in {note.Nanoseconds / Millisecond} ms: {note.Reason}; everything here is ended");
                StandDown();
                return true;
            case EngineNoteKind.CandidacyWon:
                OnCandidacyWon(new StoredTerm(note.Term, note.BaseTerm, note.ExcludedServers), note.Reason);
                return true;
            case EngineNoteKind.CandidacyLost:
                OnCandidacyLost(note.Term, note.Reason);
                return true;
            case EngineNoteKind.Record:
                StoreRecord();
                return true;
            case EngineNoteKind.Voted:
                string text = $"voted for term {note.Term} of {_settings!.NameOf(note.Server)}, which excludes {Names(note.ExcludedServers)}: {note.Reason}";
                _log.Info(text);
                TellVoting(text);
                return true;
            case EngineNoteKind.Voting:
                _log.Info($"votes: {note.Reason}");
                TellVoting(note.Reason);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whose vow the grant rests on changes with each beat: it is told where that means something, when a grant or a server comes or goes.</summary>
    private void TellVoter(string reason)
    {
        if (_settings is { Voting: VotingMode.Vows })
            TellVoting(reason);
    }

    private void TellVoting(string reason)
    {
        if (_settings is not { } settings)
            return;
        OnEngine((engine, now) =>
        {
            VotingState state = VotingOf(engine, settings, now);
            return () => Note(new VotingChanged(state, reason));
        });
    }

    private void OnCandidacyWon(StoredTerm term, string reason)
    {
        _log.Info($"term {term.Term}: {reason}");
        if (_storingRaise)
            return;
        if (_asked is { } asked)
            StoreRaised(asked.Request, term, asked.Answer);
        else
            AbandonCandidacy();
    }

    private void OnCandidacyLost(Term term, string reason)
    {
        _log.Warn($"term {term} is given up: {reason}");
        if (_asked is not { } asked)
            return;
        _asked = null;
        asked.Answer(Refused($"term {asked.Request.ExpectedTerm} is not raised: {reason}"));
    }

    /// <summary>Nobody waits for the outcome any more.</summary>
    private void AbandonCandidacy() => OnEngine((engine, _) =>
    {
        engine.AbandonRaise();
        return () => { };
    });

    /// <summary>Notes were dropped, the outcome of a candidacy perhaps among them: looks at the engine instead.</summary>
    private void ResumeVotes()
    {
        StoreRecord();
        OnEngine((engine, _) =>
        {
            StoredTerm? won = engine.WonCandidacy;
            bool asks = engine.CandidateTerm != Term.Zero;
            return () =>
            {
                StandDownAgain();
                if (won is { } term)
                    OnCandidacyWon(term, "a majority of the voters has voted for it");
                else if (!asks && _asked is not null && !_storingRaise)
                    OnCandidacyLost(Term.Zero, "notes of the engine were dropped");
            };
        });
    }

    private void StoreRecord() => OnEngine((engine, _) =>
    {
        VotingRecord? record = engine.TakeRecord();
        return () =>
        {
            if (record is not null)
                _disk.StoreVotes(record, failure => RecordStored(failure));
        };
    });

    private void RecordStored(string? failure) => OnEngine((engine, now) =>
    {
        engine.RecordStored(now, failure is null);
        return () =>
        {
            if (failure is null)
                return;
            _log.Error($"votes and promises could not be stored: {failure}; trying again");
            After(RetryPause, StoreRecord);
        };
    });

    /// <summary>Only while the engine still waits for it.</summary>
    private void StandDownAgain() => OnEngine((engine, _) =>
    {
        bool wanted = engine.StandingDown;
        return () =>
        {
            if (wanted)
                StandDown();
        };
    });

    /// <summary>
    /// Ends everything at once, in no order: the time is short. What is not gone at the deadline is ended by the kernel, together with
    /// this guardian.
    /// </summary>
    private void StandDown()
    {
        // One told twice (notes were dropped) must not end what a grant that is held again by then has started.
        if (_standingDown)
            return;
        _standingDown = true;
        _addresses.CloseAll();
        EndAll(outcome =>
        {
            _standingDown = false;
            if (!outcome.Empty)
            {
                _log.Error($"not everything could be ended: {outcome.Sentence}; trying again");
                After(StandDownRetry, StandDownAgain);
                return;
            }

            OnEngine((engine, _) =>
            {
                bool stood = engine.StandingDown;
                engine.StoodDown();
                if (stood && engine.Grant != GrantState.Held)
                    _loop!.DisarmKill();
                return () => _log.Warn("stood down: nothing runs here until a majority of the voters answers again");
            });
        });
    }
}
