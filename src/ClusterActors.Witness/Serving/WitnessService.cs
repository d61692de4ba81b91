using System.Collections.Concurrent;
using System.Net;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Voting;

namespace ClusterActors.Witness.Serving;

/// <param name="Local">Where to listen; each an own socket.</param>
/// <param name="Paths">Files.</param>
/// <param name="Boot">The kernel's boot id.</param>
internal sealed record WitnessOptions(IReadOnlyList<IPEndPoint> Local, WitnessPaths Paths, Guid Boot);

/// <summary>
/// The socket loop: one thread takes datagrams and answers each before the next. All clusters belong to this thread; whoever else wants something of them
/// asks by <see cref="AskAsync"/>. Nothing is allocated for a datagram that changes no record.
/// </summary>
internal sealed class WitnessService : IDisposable
{
    private const int DatagramRoom = 256;
    private const int MostRequestsOfOthers = 64;
    private const int MostPerPass = 256;
    private static readonly long LongestWait = 1_000_000_000;

    private readonly WitnessOptions _options;
    private readonly Action<string> _log;
    private readonly Dictionary<Guid, HostedCluster> _clusters = [];
    private readonly List<UdpBeatSocket> _sockets = [];
    private readonly ConcurrentQueue<Action> _asked = new();
    private readonly EventFd _wake = new();
    private readonly ForgeryLimit _limit = new();
    private readonly long _startedAt = BootClock.NowNanoseconds();
    private volatile bool _ending;

    /// <exception cref="Linux.LinuxException">An address cannot be listened on.</exception>
    public WitnessService(WitnessOptions options, Action<string> log)
    {
        (_options, _log) = (options, log);
        foreach (var local in options.Local)
            _sockets.Add(new UdpBeatSocket(new UdpBeatSocketOptions(local)));
        Reload();
    }

    public IEnumerable<HostedCluster> Clusters => _clusters.Values.OrderBy(c => c.File.Name, StringComparer.Ordinal);

    /// <summary>Datagrams that are no request, or of a cluster that has no file here.</summary>
    public long Unknown { get; private set; }

    /// <summary>Datagrams dropped unread, because their source had sent too many forged ones.</summary>
    public long Dropped => _limit.Dropped;

    public TimeSpan Uptime => TimeSpan.FromTicks((BootClock.NowNanoseconds() - _startedAt) / 100);

    /// <summary>Port of the first socket.</summary>
    public int Port => _sockets[0].LocalEndpoint().ToEndPoint().Port;

    /// <summary>Runs until <see cref="End"/>.</summary>
    /// <exception cref="IOException">A record could not be stored. Nothing was answered; the process must end and start anew.</exception>
    public void Run()
    {
        using var poll = new PollSet(_sockets.Count + 1);
        var wake = poll.Add(_wake.FileDescriptor);
        foreach (var socket in _sockets)
            poll.Add(socket.FileDescriptor);
        while (!_ending)
        {
            poll.WaitUntil(BootClock.NowNanoseconds() + LongestWait);
            if (poll[wake] != PollEvents.None)
                Serve();
            foreach (var socket in _sockets)
                Drain(socket);
        }
    }

    /// <summary>Ends the loop soon; from any thread.</summary>
    public void End()
    {
        _ending = true;
        _wake.Signal();
    }

    /// <summary>Runs a function on the loop's thread; from any thread. Throws when too many wait already.</summary>
    public Task<T> AskAsync<T>(Func<WitnessService, T> function)
    {
        if (_asked.Count >= MostRequestsOfOthers)
            throw new InvalidOperationException($"{MostRequestsOfOthers} requests wait already; try again later");
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(() =>
        {
            try
            {
                done.SetResult(function(this));
            }
            catch (Exception problem) when (problem is InvalidOperationException or FormatException)
            {
                done.SetException(problem);
            }
        });
        _wake.Signal();
        return done.Task;
    }

    /// <summary>Reads the cluster files again. On the loop's thread. Returns the problems, which are logged too.</summary>
    public IReadOnlyList<string> Reload()
    {
        var (files, problems) = ClusterFiles.Read(_options.Paths);
        foreach (var problem in problems)
            _log(problem);
        // A file that cannot be read now does not end a cluster that is served: its key has not become wrong.
        if (problems.Count == 0)
            Forget(files);
        foreach (var file in files)
            Take(file);
        return problems;
    }

    public void Dispose()
    {
        foreach (var cluster in _clusters.Values)
            cluster.Dispose();
        foreach (var socket in _sockets)
            socket.Dispose();
        _wake.Dispose();
    }

    private void Forget(IReadOnlyList<WitnessClusterFile> files)
    {
        foreach (var gone in _clusters.Keys.Except(files.Select(f => f.ClusterId)).ToList())
        {
            _log($"cluster {_clusters[gone].File.Name}: its file was removed; it is not served any more, its record is kept");
            _clusters[gone].Dispose();
            _clusters.Remove(gone);
        }
    }

    private void Take(WitnessClusterFile file)
    {
        var now = BootClock.NowNanoseconds();
        if (_clusters.TryGetValue(file.ClusterId, out var known))
        {
            known.Change(file, now);
            return;
        }

        var cluster = HostedCluster.Open(file, _options.Paths, _options.Boot, now);
        _clusters.Add(file.ClusterId, cluster);
        if (cluster.Finding is { } finding)
            _log(finding);
        var state = cluster.Voter.IsRegistered ? "registered" : "not registered";
        _log($"cluster {file.Name}: {file.Servers} servers, store {cluster.Voter.Record.StoreId}, epoch {cluster.Voter.Record.Epoch}, term {cluster.Voter.Record.Term}, {state}");
    }

    private void Serve()
    {
        _ = _wake.Take();
        while (_asked.TryDequeue(out var asked))
            asked();
    }

    private void Drain(UdpBeatSocket socket)
    {
        Span<byte> buffer = stackalloc byte[DatagramRoom];
        Span<byte> answer = stackalloc byte[WitnessCodec.AnswerSize];
        // Bounded, so that a flood on one address keeps nobody from the others.
        for (var taken = 0; taken < MostPerPass && socket.TryReceive(buffer, out var datagram); taken++)
        {
            var now = BootClock.NowNanoseconds();
            var source = datagram.Source;
            if (!_limit.Allows(in source, now))
                continue;
            var bytes = buffer[..datagram.Length];
            if (!WitnessCodec.TryReadCluster(bytes, out var id) || !_clusters.TryGetValue(id, out var cluster))
            {
                Unknown++;
                _limit.Count(in source, now);
                continue;
            }

            if (cluster.Answer(bytes, in source, now, answer, out var forged))
                _ = socket.Send(answer, in source);
            else if (forged)
                _limit.Count(in source, now);
        }
    }
}
