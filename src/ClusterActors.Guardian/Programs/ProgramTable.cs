using ClusterActors.Linux;
using ClusterActors.Linux.Process;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Programs;

/// <param name="LaunchLimit">A start that the launcher has not carried out by then is given up, so that no answer is owed for ever.</param>
/// <param name="ExitedKept">How many ended programs are remembered, for a restarted <c>clpd</c> and against late duplicates of a start.</param>
public sealed record ProgramTableOptions(TimeSpan LaunchLimit, int ExitedKept = 256)
{
    public static readonly ProgramTableOptions Default = new(TimeSpan.FromSeconds(10));
}

/// <summary>
/// Every program of the guardian. Belongs to one control thread: it polls <see cref="FileDescriptor"/> and calls <see cref="Dispatch"/>
/// when that is readable; all calls and all callbacks are on that thread, and no call waits. Starts are refused until
/// <see cref="AllowStarts"/>, and again from <see cref="KillAll"/> on.
/// </summary>
public sealed partial class ProgramTable : IDisposable
{
    private const long CompletedToken = 1;
    private const long TimerToken = 2;
    private const long RootToken = 3;
    private const long ReaperToken = 4;
    private const int EventsPerRound = 32;

    private readonly ContainmentRoot _root;
    private readonly ProgramTableOptions _options;
    private readonly Action<ProgramExited> _exited;
    private readonly StartGate _gate = new();
    private readonly EventFd _completed = new();
    private readonly TimerFd _timer = new();
    private readonly EpollSet _epoll = new();
    private CgroupEvents _rootEvents;
    private readonly ProgramLauncher _launcher;
    private readonly Dictionary<long, object> _byToken = [];
    private readonly Dictionary<string, LiveProgram> _live = [];
    private readonly Dictionary<string, PendingStart> _pending = [];
    private readonly Dictionary<(string Group, string Resource), ResourceContainment> _containments = [];
    private readonly Queue<ProgramExited> _ended = [];
    private readonly Dictionary<string, ProgramExited> _endedByTicket = [];
    private long _nextToken = 16;
    private long _nextProgram;

    /// <param name="root">Cleaned up before (<see cref="ContainmentRoot.CleanUp"/>).</param>
    /// <param name="exited">Called for the end of each program's main process, within a millisecond of it when the control thread is free.</param>
    public ProgramTable(ContainmentRoot root, LaunchTools tools, ProgramTableOptions options, Action<ProgramExited> exited)
    {
        ArgumentNullException.ThrowIfNull(root);
        _root = root;
        _options = options;
        _exited = exited;
        _rootEvents = root.Directory.OpenEvents();
        _epoll.Add(_completed.FileDescriptor, PollEvents.Readable, CompletedToken);
        _epoll.Add(_timer.FileDescriptor, PollEvents.Readable, TimerToken);
        _epoll.Add(_rootEvents.FileDescriptor, PollEvents.Priority, RootToken);
        _launcher = new ProgramLauncher(tools, _gate, _completed);
    }

    /// <summary>Readable when <see cref="Dispatch"/> has something to do.</summary>
    public int FileDescriptor => _epoll.FileDescriptor;

    public int LiveCount => _live.Count;

    /// <summary>Nothing runs, nothing is about to run, and no process that a program left behind lives.</summary>
    public bool IsEmpty => _live.Count == 0 && _pending.Count == 0 && !IsRootPopulated();

    /// <summary>Live programs, for adoption by a restarted <c>clpd</c>.</summary>
    public IReadOnlyList<ProgramEntry> Programs()
    {
        var now = BootClock.NowNanoseconds();
        return
        [
            .. _live.Values.Select(program => new ProgramEntry(
                program.Request.Ticket, program.Request.Term, program.Request.Group, program.Request.Resource, program.Request.Helper,
                program.Child.ProcessId, ToTime(now - program.StartedNanoseconds))),
        ];
    }

    /// <summary>Ended programs that are remembered, oldest first.</summary>
    public IReadOnlyList<ProgramExited> Exited() => [.. _ended];

    /// <summary>From now on starts are carried out. Not before the server is clean and has a grant.</summary>
    /// <exception cref="InvalidOperationException">A <see cref="KillAll"/> has not reported yet: what started now would be killed or missed.</exception>
    public void AllowStarts()
    {
        if (_allWaits.Count > 0)
            throw new InvalidOperationException("starts cannot be allowed while all programs are being killed; wait for the report");
        _gate.Open();
    }

    /// <summary>
    /// Starts a program. The answer comes when its process exists and is contained, or with the reason why not; never from within this
    /// call unless nothing has to be done.
    /// </summary>
    public void Start(StartProgram request, Action<StartAnswer> answer)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        if (_live.TryGetValue(request.Ticket, out var live))
        {
            answer(new(StartResult.AlreadyRunning, live.Child.ProcessId, $"{live.Containment.Name}: runs as process {live.Child.ProcessId}"));
            return;
        }

        if (_pending.TryGetValue(request.Ticket, out var pending))
        {
            pending.Answers.Add(answer);
            return;
        }

        if (Refusal(request) is { } refusal)
        {
            answer(new(StartResult.Refused, 0, refusal));
            return;
        }

        try
        {
            Enqueue(request, answer);
        }
        catch (LinuxException failure)
        {
            answer(new(StartResult.Failed, 0, $"{request.Group}.{request.Resource}: {failure.Message}"));
        }
    }

    /// <summary>Signals a program's main process. Null, or why nothing was sent.</summary>
    public string? Signal(string ticket, int signal) =>
        signal is < 1 or > LinuxSignals.Maximum ? $"signal {signal}: 1 to {LinuxSignals.Maximum} are allowed"
        : _live.TryGetValue(ticket, out var program) ? program.Signal(signal)
        : $"ticket {ticket}: no such program runs";

    /// <summary>Does what has become due. Never waits; returns at once when nothing has.</summary>
    public void Dispatch()
    {
        Span<long> tokens = stackalloc long[EventsPerRound];
        int count;
        do
        {
            count = _epoll.Poll(tokens);
            foreach (var token in tokens[..count])
                OnReady(token);
        }
        while (count == EventsPerRound);

        Settle();
    }

    /// <summary>
    /// Closes the table. Programs that run are not stopped: end them first by <see cref="KillAll"/>, or let the reaper do it.
    /// </summary>
    public void Dispose()
    {
        _gate.Close();
        DisposeReaper();
        foreach (var program in _live.Values)
            program.Dispose();
        foreach (var containment in _containments.Values)
            containment.Dispose();
        _rootEvents.Dispose();
        _epoll.Dispose();
        _timer.Dispose();
    }

    private static TimeSpan ToTime(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);

    private static long ToNanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private string? Refusal(StartProgram request)
    {
        var name = $"{request.Group}.{request.Resource}";
        if (LaunchPlan.Refusal(request) is { } impossible)
            return impossible;
        if (_endedByTicket.TryGetValue(request.Ticket, out var ended))
            return $"{name}: ticket {request.Ticket} has run and ended already (exit code {ended.ExitCode}, signal {ended.Signal}); each start needs a ticket of its own";
        if (!_gate.IsOpen)
            return $"{name}: this server may not start programs now, because it is being cleaned or has no grant";
        if (!_containments.TryGetValue((request.Group, request.Resource), out var containment))
            return null;
        if (containment.Waits.Count > 0)
            return $"{name}: its programs are being killed; start it when that is done";
        var other = containment.Main?.Request.Ticket ?? containment.Pending.Find(start => !start.Job.Request.Helper)?.Job.Request.Ticket;
        return other is null || request.Helper ? null : $"{name}: runs already by ticket {other}; stop it before it is started again";
    }

    private void Enqueue(StartProgram request, Action<StartAnswer> answer)
    {
        var containment = ContainmentOf(request);
        var job = new LaunchJob(request, containment.Directory, $"p{++_nextProgram}", containment.Main?.Child.ProcessId ?? 0);
        if (!_launcher.TryEnqueue(job))
        {
            answer(new(StartResult.Refused, 0, $"{containment.Name}: {ProgramLauncher.QueueCapacity} starts are waiting already; try again later"));
            return;
        }

        var start = new PendingStart(job, containment, BootClock.NowNanoseconds() + ToNanoseconds(_options.LaunchLimit), answer);
        containment.Pending.Add(start);
        if (request.LogFile.Length > 0)
            containment.LogFiles.Add(request.LogFile);
        _pending.Add(request.Ticket, start);
        ArmTimer();
    }

    private ResourceContainment ContainmentOf(StartProgram request)
    {
        var key = (request.Group, request.Resource);
        if (_containments.TryGetValue(key, out var known))
            return known;
        var containment = new ResourceContainment(request.Group, request.Resource, _root.CreateResource(request.Group, request.Resource), _nextToken++);
        _epoll.Add(containment.Events.FileDescriptor, PollEvents.Priority, containment.Token);
        _byToken.Add(containment.Token, containment);
        _containments.Add(key, containment);
        return containment;
    }

    private void OnReady(long token)
    {
        switch (token)
        {
            case CompletedToken:
                _completed.Take();
                while (_launcher.TryTakeDone(out var job))
                    OnLaunched(job!);
                break;
            case TimerToken:
                _timer.Take();
                break;
            case RootToken:
                // Reading ends its being ready; what it means is judged when all events of the round are in.
                _ = IsRootPopulated();
                break;
            case ReaperToken:
                OnReaperEnded();
                break;
            default:
                // An earlier event of the same round may have removed the owner.
                if (_byToken.GetValueOrDefault(token) is LiveProgram program)
                    OnProgramReady(program);
                else if (_byToken.GetValueOrDefault(token) is ResourceContainment containment)
                    _ = containment.Events.IsPopulated();
                break;
        }
    }

    /// <summary>While it is empty anybody can remove the directory; the one that takes its place must be watched instead.</summary>
    private bool IsRootPopulated()
    {
        if (_rootEvents.IsOfRemoved())
        {
            _epoll.Remove(_rootEvents.FileDescriptor);
            _rootEvents.Dispose();
            _root.Directory.Create();
            _rootEvents = _root.Directory.OpenEvents();
            _epoll.Add(_rootEvents.FileDescriptor, PollEvents.Priority, RootToken);
        }

        return _rootEvents.IsPopulated();
    }

    private void OnLaunched(LaunchJob job)
    {
        // A start that was given up has been answered, and its ticket may have been used again since.
        var start = _pending.TryGetValue(job.Request.Ticket, out var found) && found.Job == job ? found : null;
        if (start is null)
            return;
        _pending.Remove(job.Request.Ticket);
        start.Containment.Pending.Remove(start);
        if (job.Child is { } child)
        {
            var program = new LiveProgram(job, child, start.Containment, _nextToken++);
            _live.Add(job.Request.Ticket, program);
            start.Containment.Live.Add(program);
            _byToken.Add(program.Token, program);
            _epoll.Add(child.FileDescriptor, PollEvents.Readable, program.Token);
        }

        foreach (var answer in start.Answers)
            answer(job.Answer);
    }

    private void OnProgramReady(LiveProgram program)
    {
        if (!program.TryReap(out var status))
            return;
        _epoll.Remove(program.Child.FileDescriptor);
        _byToken.Remove(program.Token);
        _live.Remove(program.Request.Ticket);
        var containment = program.Containment;
        containment.Live.Remove(program);
        containment.Leftovers.Add(program.Directory);
        containment.Leftovers.RemoveAll(directory => directory.TryRemove());
        var note = new ProgramExited(
            program.Request.Ticket, program.Request.Group, program.Request.Resource, status.ExitCode, status.Signal,
            ToTime(BootClock.NowNanoseconds() - program.StartedNanoseconds));
        Remember(note);
        var stop = program.Stop;
        program.Dispose();
        _exited(note);
        if (stop is not null)
            Kill(containment.Group, containment.Resource, stop.KillLimit, stop.Done);
    }

    private void Remember(ProgramExited note)
    {
        _ended.Enqueue(note);
        _endedByTicket[note.Ticket] = note;
        while (_ended.Count > _options.ExitedKept)
            _endedByTicket.Remove(_ended.Dequeue().Ticket);
    }
}
