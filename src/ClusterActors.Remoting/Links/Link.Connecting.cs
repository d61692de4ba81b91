using System.Text;
using System.Text.Json;
using ClusterActors.Actors;

namespace ClusterActors.Remoting;

internal sealed partial class Link
{
    private static readonly TimeSpan CrossingTime = TimeSpan.FromSeconds(1);

    private ILinkConnection? _connection;
    private volatile ILinkConnection? _up;
    private bool _connectionIsOurs;
    private bool _dialing;
    private bool _stopped;
    private bool _lost;
    private int _attempts;
    private long _lastHeard;
    private int _downPeriod;
    private string? _lastRefusal;
    private CancellationTokenSource? _dial;
    private ICancelable? _redial;
    private long _upSince;

    public void Start()
    {
        lock (_gate)
        {
            Redial();
            WatchForLoss();
        }

        ScheduleKeepAlive();
    }

    /// <summary>Says goodbye; nothing is sent or dialled afterwards.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            _dial?.Cancel();
            Disconnect("this server stops", Effects.Unheard); // Nobody here is interested any more.
        }
    }

    /// <summary>A connection dialled by the peer. It counts only when its hello comes: the peer may drop it for another one before.</summary>
    public void Accept(ILinkConnection connection)
    {
        Begin(connection);
        After(_options.SilenceLimit, () =>
        {
            if (!ReferenceEquals(connection, Volatile.Read(ref _connection)))
            {
                connection.Close("no hello came in time");
            }
        });
    }

    /// <summary>
    /// The hello of an accepted connection. Of two that cross, the one dialled by the server whose name comes first stays, on both
    /// sides. One that comes while a link is up replaces it, since the peer knows best that it lost the old one.
    /// </summary>
    private bool TakeOver(ILinkConnection connection)
    {
        var effects = new Effects(this);
        lock (_gate)
        {
            var crossing = _connection is not null && _connectionIsOurs && _weDialFirst
                && (_up is null || _system.Time.GetElapsedTime(_upSince) < CrossingTime);
            if (_stopped || crossing)
            {
                connection.Close(_stopped ? "this server stops" : "a connection dialled by this server is in use");
                return false;
            }

            Disconnect("replaced by a newer connection of the peer", effects);
            _dial?.Cancel();
            Adopt(connection, ours: false);
        }

        effects.Run();
        return true;
    }

    private static void Refuse(ILinkConnection connection, string reason)
    {
        connection.Start(_ => { }, (_, _) => { }, _ => { });
        connection.Close(reason);
    }

    private void Dial()
    {
        CancellationToken giveUp;
        lock (_gate)
        {
            if (_stopped || _dialing || _connection is not null)
            {
                return;
            }

            _dialing = true;
            _attempts++;
            _dial = new CancellationTokenSource();
            giveUp = _dial.Token;
        }

        _ = DialAsync(giveUp);
    }

    private async Task DialAsync(CancellationToken giveUp)
    {
        ILinkConnection? connection = null;
        string? failure = null;
        try
        {
            connection = await _transport.ConnectAsync(_peer, giveUp).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e.Message; // Whatever keeps the transport from connecting, the answer is the same: try again later.
        }

        Dialled(connection, failure);
    }

    private void Dialled(ILinkConnection? connection, string? failure)
    {
        lock (_gate)
        {
            _dialing = false;
            _dial?.Dispose();
            _dial = null;
            if (connection is null)
            {
                _log.Debug("link to {Server}: attempt {Attempt} failed: {Reason}", _peer, _attempts, failure);
                if (_connection is null)
                {
                    Redial();
                }
            }
            else if (_stopped || _connection is not null)
            {
                Refuse(connection, "another connection is in use");
            }
            else
            {
                Begin(connection);
                Adopt(connection, ours: true);
            }
        }
    }

    /// <summary>First at once (the second server in the alphabet: after its courtesy), then with growing pauses and jitter.</summary>
    private void Redial()
    {
        if (_stopped)
        {
            return;
        }

        var pause = TimeSpan.Zero;
        if (_attempts > 0)
        {
            var doubled = _options.MinRetry.TotalMilliseconds * Math.Pow(2, Math.Min(_attempts - 1, 20));
            pause = TimeSpan.FromMilliseconds(Math.Min(doubled, _options.MaxRetry.TotalMilliseconds) * (0.5 + (_system.NextRandom() / 2)));
        }
        else if (!_weDialFirst)
        {
            pause = _options.DialCourtesy;
        }

        _redial?.Cancel();
        _redial = _system.Scheduler.ScheduleOnceCancelable(pause, Dial);
    }

    private void Begin(ILinkConnection connection) => connection.Start(
        frame => Received(connection, frame),
        (length, start) => ReceivedOversize(connection, length, start),
        reason => Closed(connection, reason));

    /// <summary>Makes it the connection of this link and says hello.</summary>
    private void Adopt(ILinkConnection connection, bool ours)
    {
        _connection = connection;
        _connectionIsOurs = ours;
        _lastHeard = _system.Time.GetTimestamp();
        var hello = new Hello(
            Protocol, Protocol, _options.Cluster, _system.Name, _options.Server, _options.Incarnation, _session,
            _peerIncarnation, _peerSession, _lastDelivered, _configHash());
        var frame = FrameBuffer.Begin(FrameKind.Hello);
        frame.Raw(JsonSerializer.SerializeToUtf8Bytes(hello, HelloJson.Default.Hello));
        connection.TrySend(frame.Finish());
    }

    private void ReceivedHello(ILinkConnection connection, Hello hello)
    {
        var effects = new Effects(this);
        lock (_gate)
        {
            if (!ReferenceEquals(connection, _connection) || _up is not null)
            {
                return;
            }

            if (WhyNot(hello) is { } refusal)
            {
                RefusePeer(refusal, effects);
            }
            else if (Remembers(hello))
            {
                GoUp(connection, hello, effects);
            }
            else
            {
                // One side has forgotten or is a new process. Our hello, already sent, tells the other side the same.
                if (_peerIncarnation is not null)
                {
                    var why = _peerIncarnation == hello.Incarnation ? "the peer had given this server up" : $"the peer's process was replaced by incarnation {hello.Incarnation}";
                    Forget(why, effects);
                }

                Disconnect("sessions are begun anew", effects);
                _attempts = 0;
                Redial();
            }
        }

        effects.Run();
    }

    /// <summary>
    /// A side that knows nothing fits to anything current: had it ever delivered a message of this session, it would know; and
    /// forgetting would have given it another session.
    /// </summary>
    private bool Remembers(Hello hello) =>
        (_peerIncarnation is null || (_peerIncarnation == hello.Incarnation && _peerSession == hello.Session))
        && (hello.KnownIncarnation is null || (hello.KnownIncarnation == _options.Incarnation && hello.KnownSession == _session));

    private string? WhyNot(Hello hello)
    {
        if (hello.Cluster != _options.Cluster)
        {
            return "it belongs to another cluster";
        }

        if (hello.System != _system.Name)
        {
            return $"its actor system is named {hello.System}, this one {_system.Name}";
        }

        if (hello.MinProtocol > Protocol || hello.MaxProtocol < Protocol)
        {
            return $"it speaks protocol {hello.MinProtocol} to {hello.MaxProtocol}, this server {Protocol}; update the older one";
        }

        return string.Equals(hello.Server, _peer, StringComparison.OrdinalIgnoreCase) ? null : $"it calls itself {hello.Server} but its certificate says {_peer}";
    }

    private void RefusePeer(string refusal, Effects effects)
    {
        if (_lastRefusal != refusal)
        {
            _lastRefusal = refusal;
            _log.Error(null, "link to {Server} refused: {Reason}; tried again, said once", _peer, refusal);
        }

        Disconnect(refusal, effects);
        _attempts = 1000; // Only an administrator can change it: try at the longest pause.
        Redial();
    }

    private void GoUp(ILinkConnection connection, Hello hello, Effects effects)
    {
        _peerIncarnation = hello.Incarnation;
        _peerSession = hello.Session;
        _attempts = 0;
        _lastRefusal = null;
        _droppedKinds.Clear();
        _lost = false;
        _downPeriod++;
        Acknowledged(hello.KnownIncarnation is null ? 0 : hello.ReceivedUpTo);
        _upSince = _system.Time.GetTimestamp();
        _up = connection;
        foreach (var (_, frame) in _unacknowledged)
        {
            connection.TrySend(frame);
        }

        effects.Add(() => _system.EventStream.Publish(new LinkUp(_peer, hello.Incarnation, hello.ConfigHash)));
    }

    /// <summary>Gives the present connection up, if there is one; the caller decides about a new one.</summary>
    private void Disconnect(string reason, Effects effects)
    {
        if (_connection is not { } connection)
        {
            return;
        }

        var wasUp = _up is not null;
        _connection = null;
        _up = null;
        connection.TrySend(FrameBuffer.Begin(FrameKind.Goodbye).Raw(Encoding.UTF8.GetBytes(reason)).Finish());
        connection.Close(reason);
        if (wasUp)
        {
            WentDown(reason, effects);
        }
    }

    private void Closed(ILinkConnection connection, string reason)
    {
        var effects = new Effects(this);
        lock (_gate)
        {
            if (!ReferenceEquals(connection, _connection))
            {
                return;
            }

            var wasUp = _up is not null;
            _connection = null;
            _up = null;
            if (wasUp)
            {
                _attempts = 0;
                WentDown(reason, effects);
            }

            Redial();
        }

        effects.Run();
    }

    private void WentDown(string reason, Effects effects)
    {
        WatchForLoss();
        effects.Add(() => _system.EventStream.Publish(new LinkDown(_peer, reason)));
    }

    private void WatchForLoss()
    {
        var period = ++_downPeriod;
        After(_options.LostAfter, () =>
        {
            var effects = new Effects(this);
            lock (_gate)
            {
                if (_up is not null || period != _downPeriod || _stopped)
                {
                    return;
                }

                _lost = true;
                Forget($"no link for {_options.LostAfter.TotalSeconds} s", effects);
            }

            effects.Run();
        });
    }

    private void ScheduleKeepAlive() => After(_options.KeepAlive, () =>
    {
        var effects = new Effects(this);
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            if (_connection is not null && _system.Time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > _options.SilenceLimit)
            {
                _attempts = 0;
                Disconnect($"nothing was heard for {_options.SilenceLimit.TotalSeconds} s", effects);
                Redial();
            }

            _up?.TrySend(FrameBuffer.Begin(FrameKind.Ping).Finish());
        }

        effects.Run();
        ScheduleKeepAlive();
    });

    private void After(TimeSpan pause, Action action)
    {
        if (!_stopped)
        {
            _system.Scheduler.ScheduleOnceCancelable(pause, action);
        }
    }
}
