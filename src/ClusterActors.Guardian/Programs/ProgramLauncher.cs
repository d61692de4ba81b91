using System.Collections.Concurrent;
using ClusterActors.Linux;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Realtime;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;

namespace ClusterActors.Guardian.Programs;

/// <summary>
/// The one thread that starts programs and never ends: the kernel sends a parent-death signal when the forking *thread* ends, not the
/// process. It also does what may take long and must not hold up the control thread: account look-ups, log files, loading of
/// program images. Jobs go in by <see cref="TryEnqueue"/>, come back by <see cref="TryTakeDone"/> after the event has been signalled.
/// </summary>
internal sealed class ProgramLauncher
{
    /// <summary>More starts than a cluster has resources mean that something loops.</summary>
    public const int QueueCapacity = 256;

    private const ulong SoftFileLimit = 1024;
    private const long GrowingLogNanoseconds = 250_000_000;
    private const long QuietLogNanoseconds = 1_000_000_000;
    private const long NanosecondsPerMillisecond = 1_000_000;

    private static readonly byte[] Go = "\n"u8.ToArray();

    // Jobs, and paths of log files to let go. Also the lock.
    private readonly Queue<object> _work = new(QueueCapacity);
    private readonly ConcurrentQueue<LaunchJob> _done = new();
    private readonly ProgramLogs _logs = new();
    private readonly LaunchTools _tools;
    private readonly StartGate _gate;
    private readonly EventFd _completed;
    private long _lookedAt;

    /// <param name="completed">Signalled after each job.</param>
    public ProgramLauncher(LaunchTools tools, StartGate gate, EventFd completed)
    {
        _tools = tools;
        _gate = gate;
        _completed = completed;
        ChildProcess.KeepExitStatuses();
        // Not RealtimeThread: it keeps the class that its maker gave the whole process. An unhandled exception ends the process, and with
        // it all programs: better than a guardian that cannot start or, worse, believes it can.
        new Thread(Run) { Name = "clp-launch", IsBackground = true }.Start();
    }

    /// <summary>False when the queue is full.</summary>
    public bool TryEnqueue(LaunchJob job) => TryAdd(job);

    public bool TryTakeDone(out LaunchJob? job) => _done.TryDequeue(out job);

    /// <summary>The file's program has ended with all it started; the file is no longer kept bounded.</summary>
    public void ReleaseLog(string path)
    {
        // A full queue only means that a file is looked at for longer.
        if (path.Length > 0)
            _ = TryAdd(path);
    }

    private bool TryAdd(object work)
    {
        lock (_work)
        {
            if (_work.Count == QueueCapacity)
                return false;
            _work.Enqueue(work);
            Monitor.Pulse(_work);
            return true;
        }
    }

    // Counted from the last look, so that frequent starts do not put it off.
    private long NextLook => _lookedAt + (_logs.IsGrowing ? GrowingLogNanoseconds : QuietLogNanoseconds);

    private int WaitMilliseconds => _logs.IsEmpty ? Timeout.Infinite : (int)Math.Max(1, (NextLook - BootClock.NowNanoseconds()) / NanosecondsPerMillisecond);

    // Null when it is time to look at the logs.
    private object? Take()
    {
        lock (_work)
        {
            while (_work.Count == 0)
            {
                if (!Monitor.Wait(_work, WaitMilliseconds))
                    return null;
            }

            return _work.Dequeue();
        }
    }

    private void Run()
    {
        while (true)
        {
            if (_logs.IsEmpty)
                _lookedAt = BootClock.NowNanoseconds();
            switch (Take())
            {
                case LaunchJob job:
                    job.Answer = Launch(job);
                    _done.Enqueue(job);
                    _completed.Signal();
                    break;
                case string path:
                    _logs.Check();
                    _logs.Forget(path);
                    break;
            }

            if (BootClock.NowNanoseconds() >= NextLook)
                Look();
        }
    }

    private void Look()
    {
        _logs.Check();
        _lookedAt = BootClock.NowNanoseconds();
    }

    private StartAnswer Launch(LaunchJob job)
    {
        var request = job.Request;
        var log = -1;
        try
        {
            var account = request.User.Length == 0 ? null : AccountLookup.Find(request.User);
            if (request.User.Length > 0 && account is null)
                return new(StartResult.Refused, 0, $"{request.Group}.{request.Resource}: found user '{request.User}'; there is no such account on this server");

            var group = job.Containment.Child(job.ProgramName);
            group.Create();
            log = request.LogFile.Length == 0 ? -1 : _logs.Open(request.LogFile, request.LogLimitBytes);
            return Spawn(job, account, group, log);
        }
        catch (Exception failure) when (failure is LinuxException or IOException or UnauthorizedAccessException)
        {
            return new(StartResult.Failed, 0, $"{request.Group}.{request.Resource}: could not be started: {failure.Message}");
        }
        finally
        {
            if (log >= 0)
                AppendFile.Close(log);
        }
    }

    private StartAnswer Spawn(LaunchJob job, Account? account, CgroupDirectory group, int log)
    {
        var request = job.Request;
        var join = request.Helper && request.Contain == Model.Resources.Containment.PidNamespace && job.MainProcess > 0
            ? ProcessTools.FirstChild(job.MainProcess)
            : 0;
        job.JoinedNamespace = join > 0;
        using var gatePipe = new Pipe(nonBlockingWrites: true);
        var process = ChildProcess.Spawn(new ChildOptions(
            LaunchPlan.Arguments(request, _tools, Environment.ProcessId, account, join),
            LaunchPlan.ChainEnvironment,
            Input: gatePipe.ReadEnd,
            Output: log,
            Error: log));
        gatePipe.CloseReadEnd();
        // Ours to reap, so the number cannot have been given to another process.
        var child = new PidFd(process);
        try
        {
            // Both may fail only for a child that has already ended, and then its exit is the answer.
            _ = OomScore.TrySet(process, OomScore.Default);
            _ = ProcessTools.TrySetSoftFileLimit(process, SoftFileLimit);
            var passed = _gate.TryPass(job, () =>
            {
                group.Add(process);
                _ = gatePipe.TryWrite(Go);
            });
            if (!passed)
            {
                End(child);
                return new(StartResult.Refused, 0, $"{request.Group}.{request.Resource}: start given up, because its programs are being killed");
            }
        }
        catch
        {
            End(child);
            throw;
        }

        job.Child = child;
        job.StartedNanoseconds = BootClock.NowNanoseconds();
        return new(StartResult.Started, process, $"{request.Group}.{request.Resource}: started as process {process}");
    }

    // The child has not been told to go, so it is a tool or shell of the chain, which dies at once.
    private static void End(PidFd child)
    {
        using (child)
        using (var poll = new PollSet(1))
        {
            child.Signal(LinuxSignals.Kill);
            poll.Add(child.FileDescriptor);
            var limit = BootClock.NowNanoseconds() + 1_000_000_000;
            while (!child.TryReap(out _) && BootClock.NowNanoseconds() < limit)
                poll.WaitUntil(limit);
        }
    }
}
