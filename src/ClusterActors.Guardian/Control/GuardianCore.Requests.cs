using ClusterActors.Guardian.Beats;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>What the daemon asks for.</summary>
internal sealed partial class GuardianCore
{
    private static Reply Done(byte[]? data = null) => new(GuardianResult.Done, "", data ?? []);

    private static Reply Refused(string sentence) => new(GuardianResult.Refused, sentence, []);

    private static Reply Failed(string sentence) => new(GuardianResult.Failed, sentence, []);

    /// <summary>A request the machine fails is answered so; it is no reason for the guardian, and with it all programs, to end.</summary>
    private void Execute(IDaemonConnection from, GuardianRequest request, ulong id)
    {
        try
        {
            Handle(from, request, id);
        }
        catch (Exception e) when (e is Linux.LinuxException or IOException or UnauthorizedAccessException or GuardianFormatException)
        {
            _log.Error($"{request.Type}: {e.Message}");
            from.Send(Failed(e.Message), id);
        }
    }

    private void Handle(IDaemonConnection from, GuardianRequest request, ulong id)
    {
        if (request is not Hello && !from.Greeted)
        {
            DropConnection($"its first frame was {request.Type}; it must be Hello");
            return;
        }

        void Answer(Reply reply) => from.Send(reply, id);
        switch (request)
        {
            case Hello hello:
                Greet(from, hello, id);
                break;
            case ApplySettings apply:
                Apply(apply.Settings, Answer);
                break;
            case RaiseTerm raise:
                Raise(raise, Answer);
                break;
            case AddAddress add:
                if (WhyNotStart(add.Term, $"{add.Group}.{add.Resource}") is { } noAddress)
                    Answer(noAddress);
                else
                    _addresses.Add(add, Answer);
                break;
            case RemoveAddress remove:
                _addresses.Remove(remove.Group, remove.Resource, Answer);
                break;
            case StartProgram start:
                if (WhyNotStart(start.Term, $"{start.Group}.{start.Resource}") is { } noProgram)
                    Answer(noProgram);
                else
                    _programs.Start(start, Answer);
                break;
            case SignalProgram signal:
                Answer(_programs.Signal(signal.Ticket, signal.Signal) is { } problem ? new Reply(GuardianResult.NotFound, problem, []) : Done());
                break;
            case KillContainment kill:
                _programs.Kill(kill.Group, kill.Resource, KillLimit, outcome => Answer(outcome.Empty ? Done() : Failed(outcome.Sentence)));
                break;
            case SetStopPlan plan:
                _stopPlan = plan.Steps;
                Answer(Done());
                break;
            case GetTable:
                MakeTable(table => Answer(EncodeTable(table)));
                break;
            case ArbiterVow vow:
                TakeArbiterVow(vow, Answer);
                break;
            case GetIncidents incidents:
                Answer(Done(GuardianIncidents.Encode(_incidents.Take(_clock.Now, incidents.Confirmed, _understood))));
                break;
            case GetStatistics:
                Answer(_loop is null ? Refused("no settings: nothing was sent yet") : Done(Statistics(_loop).Encode()));
                break;
            case MakeSafe safe:
                MakeSafe(safe.Reason, outcome => Answer(outcome.Empty ? Done() : Failed(outcome.Sentence)));
                break;
            case Leave leave:
                BeginLeaving(leave.Reason, Answer);
                break;
            default:
                Answer(Refused($"{request.Type} is not known to this guardian"));
                break;
        }
    }

    private void Greet(IDaemonConnection from, Hello hello, ulong id)
    {
        from.Greeted = true;
        _understood = hello.Understands;
        long now = _clock.Now;
        from.Send(MakeWelcome(now), 0);
        from.Send(Done(), id);
        _supervisor.Connected(now);
        _log.Info($"node daemon {hello.Version} connected (process {(from.PeerProcessId != 0 ? from.PeerProcessId : hello.ProcessId)})");
    }

    private Welcome MakeWelcome(long now)
    {
        EngineStatus? status = _loop?.Status;
        TimeSpan settle = _settings is null ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, _beatingSince + (_disk.Settle(_settings).Ticks * 100) - now) / 100);
        return new Welcome(
            _incarnation, status?.Term ?? _disk.State.Term.Term, _settings?.OwnIndex ?? byte.MaxValue, status?.Flags ?? GuardianFlags.Unclean,
            status?.Grant ?? GrantState.None, _settings is not null, settle, _settings?.ConfigHash ?? 0);
    }

    /// <summary>Why nothing may be started in this term here and now, or null.</summary>
    private Reply? WhyNotStart(Term term, string what)
    {
        if (WhyForbidden(term) is { } why)
            return Refused($"{what}: {why}");
        if (_loop!.Status is not { MayStart: false } status)
            return null;
        string waitsFor = status.Grant == GrantState.Held ? $"not every live server has adopted term {term} yet" : $"the grant for term {term} is not given yet";
        return new Reply(GuardianResult.NotYet, $"{what}: {waitsFor}", []);
    }

    private string? WhyForbidden(Term term)
    {
        if (_loop is null)
            return "the guardian has no settings yet";
        if (_makingSafe || _leaving)
            return "this server is being made safe";
        EngineStatus status = _loop.Status;
        if (term != status.Term)
            return $"decided in term {term}, but the term is {status.Term}";
        if ((status.Flags & GuardianFlags.Unclean) != 0)
            return "start-up cleaning is not finished, or this server has just been superseded";
        if ((status.Flags & GuardianFlags.DownAndClean) != 0)
            return $"this server promised to start nothing in term {term}; raise the term first";
        return status.Grant == GrantState.Expired ? "the grant has run out and waits to be re-validated" : null;
    }

    private void TakeArbiterVow(ArbiterVow vow, Action<Reply> answer)
    {
        if (_loop is null)
        {
            answer(Refused("the guardian has no settings yet"));
            return;
        }

        OnEngine((engine, now) =>
        {
            bool taken = engine.ArbiterVow(now, vow.Term, vow.SentAt, vow.Vow.Ticks * 100);
            Term term = engine.Term;
            return () => answer(taken ? Done() : Refused($"a vow in term {vow.Term} counts for nothing: the term is {term}, or no store arbiter is configured"));
        });
    }

    private void Raise(RaiseTerm request, Action<Reply> answer)
    {
        if (_loop is null)
        {
            answer(Refused("the guardian has no settings yet"));
            return;
        }

        if (_makingSafe || _leaving)
        {
            answer(Refused("this server is being made safe"));
            return;
        }

        if (_asked is not null)
        {
            answer(Refused($"term {request.ExpectedTerm} is not raised: another change of the term is under way"));
            return;
        }

        // Before the engine is asked: its note of how the votes went may be read before its answer.
        _asked = (request, answer);
        OnEngine((engine, now) =>
        {
            RaiseDecision decision = engine.PrepareRaise(now, request.ExpectedTerm, request.ExcludedServers, request.ConfirmedDown, request.ArbiterVote);
            return () => StoreRaise(request, decision, answer);
        });
    }

    private void StoreRaise(RaiseTerm request, RaiseDecision decision, Action<Reply> answer)
    {
        if (decision.Awaited)
        {
            _log.Info($"asking for votes for term {decision.Term.Term}, which excludes {Names(decision.Term.ExcludedServers)}: {request.Reason}");
            return;
        }

        if (!decision.Granted)
        {
            _asked = null;
            string about = decision.Server == byte.MaxValue ? "" : $"{_settings!.NameOf(decision.Server)}: ";
            answer(Refused($"term {request.ExpectedTerm} is not raised: {about}{decision.Reason}"));
            return;
        }

        StoreRaised(request, decision.Term, answer);
    }

    private void StoreRaised(RaiseTerm request, StoredTerm term, Action<Reply> answer)
    {
        _storingRaise = true;
        _disk.StoreTerm(term, failure => OnEngine((engine, now) =>
        {
            Term previous = engine.Term;
            if (failure is not null)
                engine.AbandonRaise();
            bool raised = failure is null && engine.CommitRaise(now);
            if (raised)
                _loop!.RequestPass();
            return () => AnswerRaise(request, term, previous, raised, failure, answer);
        }));
    }

    private void AnswerRaise(RaiseTerm request, StoredTerm term, Term previous, bool raised, string? failure, Action<Reply> answer)
    {
        _asked = null;
        _storingRaise = false;
        if (!raised)
        {
            string why = failure ?? "it was overtaken: a peer showed a higher term, or an excluded server was heard again";
            answer(failure is null ? Refused($"term {request.ExpectedTerm} is not raised: {why}") : Failed($"term {term.Term} could not be stored: {why}"));
            return;
        }

        _log.Info($"term {previous} -> {term.Term}, raised here, excluded {Names(term.ExcludedServers)}: {request.Reason}");
        var data = new byte[16];
        var w = new FrameWriter(data);
        w.Term(term.Term);
        answer(Done(data[..w.Position]));
        Note(new TermChanged(previous, term.Term, term.ExcludedServers, request.Reason));
    }

    private void Apply(GuardianSettings settings, Action<Reply> answer)
    {
        if (WhyTooFast(settings) is { } tooFast)
        {
            answer(Refused($"guardian settings: {tooFast}"));
            return;
        }

        if (_settings is { } old && _loop is not null)
        {
            if (GuardianSettingsCodec.Encode(settings).AsSpan().SequenceEqual(GuardianSettingsCodec.Encode(old)))
            {
                answer(new Reply(GuardianResult.AlreadyDone, "these settings are in force", []));
                return;
            }

            if (old.ClusterId != settings.ClusterId || old.OwnIndex != settings.OwnIndex)
            {
                answer(Refused($"guardian settings: cluster id or own index differ from those in force; stop the guardian, remove {_options.Paths.Settings}, start it again"));
                return;
            }

            if (_addresses.WhyNot(settings) is { } unsafeHere)
            {
                answer(Refused($"guardian settings: {unsafeHere}; or move the groups with addresses away from this server first"));
                return;
            }
        }

        _disk.StoreSettings(settings, failure =>
        {
            if (failure is not null)
            {
                answer(Failed($"guardian settings could not be stored: {failure}"));
                return;
            }

            bool first = _loop is null;
            _settings = settings;
            _supervisor.Apply(MakeLimits());
            if (first)
            {
                StartBeating(settings);
                answer(Done());
                return;
            }

            _addresses.Prepare(settings);
            OnEngine((_, _) =>
            {
                string? problem = _loop!.Reconfigure(settings);
                return () => answer(problem is null ? Done() : Failed(problem));
            });
            _log.Info($"new settings in force: every {settings.Interval.TotalMilliseconds} ms, timeout {settings.Timeout.TotalMilliseconds * settings.Ratio} ms, policy {settings.Policy}");
        });
    }

    private static Reply EncodeTable(GuardianTable table)
    {
        try
        {
            return Done(table.Encode());
        }
        catch (GuardianFormatException e)
        {
            return Failed($"table of {table.Programs.Count} programs and {table.Addresses.Count} addresses: {e.Message}");
        }
    }

    private void MakeTable(Action<GuardianTable> done)
    {
        if (_loop is null)
        {
            done(new GuardianTable(_disk.State.Term.Term, 0, GrantState.None, GuardianFlags.Unclean, _programs.Programs(), _programs.Exited(), _addresses.Entries(), [], []));
            return;
        }

        GuardianSettings settings = _settings!;
        OnEngine((engine, now) =>
        {
            var peers = new List<PeerChanged>();
            var channels = new List<ChannelChanged>();
            foreach (GuardianServer server in settings.Servers)
            {
                if (server.Index != settings.OwnIndex)
                    peers.Add(ToNote(engine.View(server.Index, now)));
                AddChannels(engine, settings, server.Index, now, channels);
            }

            StoredTerm term = engine.CurrentTerm;
            GrantState grant = engine.Grant;
            GuardianFlags flags = engine.Flags;
            long notes = engine.Notes.Written;
            IReadOnlyList<ChannelDevice> devices = _loop!.Devices;
            VotingState voting = VotingOf(engine, settings, now);
            return () =>
            {
                HandleNotes(notes);
                done(new GuardianTable(
                    term.Term, term.ExcludedServers, grant, flags, _programs.Programs(), [.. _programs.Exited().TakeLast(64)], _addresses.Entries(), peers, channels)
                {
                    Devices = devices,
                    Voting = voting,
                });
            };
        });
    }

    private static void AddChannels(HeartbeatEngine engine, GuardianSettings settings, int hearer, long now, List<ChannelChanged> to)
    {
        foreach (GuardianServer heard in settings.Servers)
        {
            if (heard.Index == hearer)
                continue;
            foreach ((byte network, _, _, _) in GuardianChannels.All(settings))
            {
                bool own = hearer == settings.OwnIndex;
                ChannelState state = own ? engine.ChannelOf(heard.Index, network)
                    : (engine.HeardBy(hearer, heard.Index) & (1 << network)) != 0 ? ChannelState.Up : ChannelState.Down;
                long silence = own ? engine.ChannelSilence(heard.Index, network, now) : 0;
                to.Add(new ChannelChanged((byte)hearer, heard.Index, network, state, TimeSpan.FromTicks(silence / 100)));
            }
        }
    }

    private GuardianStatistics Statistics(IEngineLoop loop) => new(
        loop.Lateness.Figures(), loop.Renewal.Figures(), loop.Counters.Sent, loop.Counters.SendFailures, loop.Counters.Accepted,
        loop.Counters.RefusedForgery, loop.Counters.RefusedReplay, loop.Counters.Missed, GC.CollectionCount(0),
        _rights is { HasRealtimeScheduling: true }, _rights?.Rights.Any(r => r is { Name: Linux.Realtime.RealtimeReport.MemoryRight, Granted: true }) ?? false,
        _addresses.Kind, TimeSpan.FromTicks((loop.GrantDeadline - _clock.Now) / 100));

    private string Names(uint servers)
    {
        if (servers == 0)
            return "nobody";
        return string.Join(", ", Enumerable.Range(0, GuardianSettings.MaxServers).Where(i => (servers & (1u << i)) != 0).Select(i => _settings!.NameOf(i)));
    }
}
