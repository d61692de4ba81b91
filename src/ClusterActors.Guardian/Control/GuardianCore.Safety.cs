using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>Notes of the engine, and everything that ends what runs here.</summary>
internal sealed partial class GuardianCore
{
    /// <summary>Passes that say "down and clean, leaving" before the end; one lost datagram must not cost the peer a timeout.</summary>
    private const int FarewellPasses = 5;

    private static readonly TimeSpan FarewellPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly List<Action<KillOutcome>> _safeWaiters = [];
    private bool _isClean;
    private bool _makingSafe;
    private bool _adopting;
    private bool _adoptAgain;
    private byte _supersededBy;
    private int _killedPrograms;
    private int _removedAddresses;
    private bool _wasSuperseded;
    private bool _leaving;
    private bool _farewellSaid;
    private bool _left;
    private bool _terminationSeen;

    private static PeerChanged ToNote(in PeerView view) => new(
        view.Server, view.State, view.Incarnation, view.Term, view.Flags, view.Daemon, TimeSpan.FromTicks(view.DaemonSinceNanoseconds / 100),
        view.ConfigHash, TimeSpan.FromTicks(view.SilentNanoseconds / 100), view.MayExclude);

    /// <summary>Carries out what the engine has noted since the last call.</summary>
    public void TakeNotes()
    {
        if (_loop is null)
            return;
        long written = _loop.Notes.Written;

        // A table that the beat thread made before it wrote the newest of these notes goes out before that note.
        if (written != _loop.Notes.Taken)
            _loop.RunAnswers();
        HandleNotes(written);
        if (_loop.Notes.TakeOverflow())
        {
            _log.Warn("notes of the engine were dropped; the daemon gets the whole state anew");
            MakeTable(table =>
            {
                foreach (PeerChanged peer in table.Peers)
                    Note(peer);
                foreach (ChannelChanged channel in table.Channels)
                    Note(channel);
                foreach (ChannelDevice device in table.Devices)
                    Note(device);
                Note(new GrantChanged(table.Grant, table.Term, "state after dropped notes"));
            });
            Adopt();
            ResumeVotes();
        }
    }

    /// <summary>Notes go out in their order with the tables: those written before a table was made precede it, the later ones follow.</summary>
    private void HandleNotes(long upTo)
    {
        while (_loop!.Notes.Taken < upTo && _loop.Notes.TryTake(out EngineNote note))
            Handle(in note);
    }

    private void Handle(in EngineNote note)
    {
        if (HandleVotes(in note))
            return;
        switch (note.Kind)
        {
            case EngineNoteKind.Peer:
                PeerView peer = note.Peer;
                _log.Info($"{_settings!.NameOf(peer.Server)}: {peer.State}, term {peer.Term}, flags {peer.Flags}, daemon {peer.Daemon}, silent {peer.SilentNanoseconds / Millisecond} ms");
                Note(ToNote(in peer));
                TellVoter("the servers that answer changed");
                break;
            case EngineNoteKind.Channel:
                Note(new ChannelChanged(note.Hearer, note.Server, note.Network, note.Channel, TimeSpan.FromTicks(note.Nanoseconds / 100)));
                if (note.Hearer == _settings!.OwnIndex)
                    _log.Info($"channel to {_settings.NameOf(note.Server)} on network {note.Network}: {note.Channel}");
                break;
            case EngineNoteKind.Grant:
                OnGrant(in note);
                TellVoter(note.Reason);
                break;
            case EngineNoteKind.Stall:
                _log.Warn($"stall of {note.Nanoseconds / Millisecond} ms: {note.Reason}");
                Note(new StallReport(TimeSpan.FromTicks(note.Nanoseconds / 100), _loop!.Status.Grant == GrantState.Expired, note.Reason));
                break;
            case EngineNoteKind.Late:
                OnLate(in note);
                break;
            case EngineNoteKind.BeatLate:
                OnBeatLate(in note);
                break;
            case EngineNoteKind.Device:
                OnDevice(in note);
                break;
            case EngineNoteKind.Superseded:
                _supersededBy = note.Server;
                _wasSuperseded = true;
                _addresses.CloseAll();
                _log.Error($"{_settings!.NameOf(note.Server)} shows the higher term {note.Term}, which excludes this server: everything here is ended");
                Adopt();
                break;
            case EngineNoteKind.HigherTerm:
                Adopt();
                break;
            case EngineNoteKind.OwnIncarnationBehind:
                long counter = note.Nanoseconds;
                _log.Error($"{note.Reason} (counter {counter}, here {_incarnation.StartCounter}); the counter is corrected and the guardian starts anew");
                _disk.StoreCounter((uint)counter, failure => Fail(failure ?? "a new life is needed to be heard again"));
                break;
        }
    }

    private void OnGrant(in EngineNote note)
    {
        if (note.Grant == GrantState.Held)
        {
            _log.Info($"grant held in term {note.Term}: {note.Reason}");

            // While everything is being killed nothing may be started, and what is being made safe ends with a promise for the term in force then.
            if (!_makingSafe)
            {
                _programs.AllowStarts();
                _addresses.Arm();
            }
        }
        else
        {
            _log.Warn($"grant {note.Grant} in term {note.Term}: {note.Reason}");
            _addresses.CloseAll();
            _orderIsOver?.Invoke();
        }

        Note(new GrantChanged(note.Grant, note.Term, note.Reason));
    }

    /// <summary>Stores and commits a peer's higher term; when it voids our claims, only after everything here has ended.</summary>
    private void Adopt()
    {
        if (_adopting)
        {
            _adoptAgain = true;
            return;
        }

        _adopting = true;
        _adoptAgain = false;
        if (_wasSuperseded)
        {
            _killedPrograms += _programs.LiveCount;
            _removedAddresses += _addresses.Count;

            // All at once: somebody else may run it already, so that order would only lengthen the time of two owners.
            EndAll(outcome =>
            {
                if (!outcome.Empty)
                {
                    // The kill timer still runs to the last deadline: if this does not succeed by then, the kernel ends the guardian.
                    _log.Error($"superseded, but not everything could be ended: {outcome.Sentence}; trying again");
                    _adopting = false;
                    After(RetryPause, Adopt);
                    return;
                }

                StoreAdoption(everythingEnded: true);
            });
            return;
        }

        StoreAdoption(everythingEnded: false);
    }

    private void StoreAdoption(bool everythingEnded) => OnEngine((engine, _) =>
    {
        StoredTerm? term = engine.Adopting;
        Term previous = engine.Term;
        return () =>
        {
            if (term is not { } adopted)
            {
                _adopting = false;
                return;
            }

            _disk.StoreTerm(adopted, failure =>
            {
                if (failure is not null)
                {
                    _log.Error($"term {adopted.Term} could not be stored: {failure}; trying again");
                    _adopting = false;
                    After(RetryPause, Adopt);
                    return;
                }

                CommitAdoption(adopted, previous, everythingEnded);
            });
        };
    });

    private void CommitAdoption(StoredTerm adopted, Term previous, bool everythingEnded) => OnEngine((engine, _) =>
    {
        bool committed = engine.CommitAdoption(adopted.Term, everythingEnded);
        bool more = engine.Adopting is not null;
        bool superseded = engine.IsSuperseded;
        bool promised = (engine.Flags & GuardianFlags.DownAndClean) != 0;
        if (committed)
        {
            if (everythingEnded)
                _loop!.DisarmKill();
            _loop!.RequestPass();
        }

        return () =>
        {
            _adopting = false;
            if (committed)
            {
                _log.Info($"term {previous} -> {adopted.Term}, adopted, excluded {Names(adopted.ExcludedServers)}");
                if (everythingEnded)
                    TellSuperseded(previous, adopted.Term);
                Note(new TermChanged(previous, adopted.Term, adopted.ExcludedServers, "adopted from a peer"));

                // The engine may have promised with the very adoption to start nothing in this term; no other note says so.
                if (promised)
                    Note(MakeWelcome(_clock.Now));
            }

            // A term that voids what runs here may have come while a harmless one was on its way to the disk.
            _wasSuperseded |= superseded;
            if (more || _adoptAgain)
                Adopt();
        };
    });

    private void TellSuperseded(Term previous, Term adopted)
    {
        Note(new Superseded(previous, adopted, _supersededBy, (ushort)_killedPrograms, (ushort)_removedAddresses));
        (_wasSuperseded, _killedPrograms, _removedAddresses) = (false, 0, 0);
    }

    /// <summary>Ends everything and promises "down and clean" for the term. Requests that come meanwhile share the outcome.</summary>
    private void MakeSafe(string reason, Action<KillOutcome> done)
    {
        _safeWaiters.Add(done);
        if (_makingSafe)
            return;
        _makingSafe = true;
        _log.Warn($"making this server safe: {reason}");
        EndInOrder(outcome =>
        {
            if (_loop is null)
            {
                FinishSafe(outcome);
                return;
            }

            OnEngine((engine, _) =>
            {
                if (outcome.Empty)
                {
                    engine.PromiseClean("this server was made safe");
                    _loop.DisarmKill();
                }
                else
                {
                    engine.SetUnclean("this server could not be made safe");
                }

                _loop.RequestPass();
                return () => FinishSafe(outcome);
            });
        });
    }

    private void FinishSafe(KillOutcome outcome)
    {
        _makingSafe = false;
        if (outcome.Empty)
        {
            _log.Info("this server is safe: nothing runs, nothing starts in this term");
        }
        else
        {
            _isClean = false;
            _log.Error($"this server is not safe: {outcome.Sentence}");
            After(RetryPause, StartCleaning);
        }

        Action<KillOutcome>[] waiters = [.. _safeWaiters];
        _safeWaiters.Clear();
        foreach (Action<KillOutcome> waiter in waiters)
            waiter(outcome);
    }

    /// <summary>Start-up, or after a failed attempt: until everything of an earlier life is gone the beats say "unclean".</summary>
    private void StartCleaning()
    {
        EndAll(outcome =>
        {
            if (!outcome.Empty)
            {
                _log.Error($"not clean: {outcome.Sentence}; trying again");
                After(RetryPause, StartCleaning);
                return;
            }

            _isClean = true;
            _log.Info("clean: nothing of an earlier life runs here");
            if (_loop is not null)
            {
                OnEngine((engine, _) =>
                {
                    engine.SetClean();
                    _loop.DisarmKill();
                    _loop.RequestPass();

                    // A daemon that connected meanwhile was told "unclean", and no other note would tell it that this is over.
                    return () => Note(MakeWelcome(_clock.Now));
                });
            }
        });
    }

    /// <summary>The guardian was told to end (SIGTERM): the daemon gets time to stop its groups in order.</summary>
    public void Terminate()
    {
        if (_terminationSeen)
            return;
        _terminationSeen = true;
        TimeSpan limit = _settings?.StopLimit ?? TimeSpan.FromSeconds(60);
        _log.Info("told to end (SIGTERM)");
        if (_connection is not { Greeted: true })
        {
            BeginLeaving("SIGTERM, no daemon connected", _ => { });
            return;
        }

        Note(new StopRequested("SIGTERM", limit));
        After(limit, () => BeginLeaving($"SIGTERM, and the daemon did not finish within {limit.TotalSeconds} s", _ => { }));
    }

    private void BeginLeaving(string reason, Action<Reply> answer)
    {
        if (_leaving)
        {
            answer(new Reply(GuardianResult.AlreadyDone, "the guardian is leaving", []));
            return;
        }

        _leaving = true;
        _supervisor.End();
        MakeSafe(reason, outcome =>
        {
            if (!outcome.Empty)
            {
                answer(Failed(outcome.Sentence));
                Fail("it could not make the server safe before leaving; the next life has to");
                return;
            }

            if (_loop is null)
            {
                answer(Done());
                EndDaemon();
                return;
            }

            OnEngine((engine, _) =>
            {
                engine.SetLeaving();
                engine.SetDaemon(DaemonState.Gone, _clock.Now);
                _loop.RequestPass();
                return () =>
                {
                    answer(Done());
                    SayFarewell(FarewellPasses);
                };
            });
        });
    }

    private void SayFarewell(int left)
    {
        if (left == 0)
        {
            EndDaemon();
            return;
        }

        _loop!.TryPost((_, _) => _loop.RequestPass());
        After(FarewellPause, () => SayFarewell(left - 1));
    }

    /// <summary>The daemon has nothing left to do; it gets a moment to end by itself.</summary>
    private void EndDaemon()
    {
        _farewellSaid = true;
        if (!_daemon.Runs)
        {
            FinishLeaving();
            return;
        }

        _daemon.Signal(SignalTerminate);
        After(TimeSpan.FromSeconds(2), FinishLeaving);
    }

    private void FinishLeaving()
    {
        if (_left || _makingSafe)
            return;
        _left = true;
        _programs.Dismiss();
        _log.Info("clpmonp ends: left in order");
        HasEnded = true;
    }
}
