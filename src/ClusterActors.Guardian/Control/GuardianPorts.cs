using ClusterActors.Guardian.Beats;
using ClusterActors.Guardian.Storage;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>Everything of the machine that <see cref="GuardianCore"/> needs. All calls of its methods, and all callbacks, are on the control side.</summary>
internal sealed record GuardianPorts(
    IGuardianLog Log, IBootClock Clock, IGuardianDisk Disk, IEngineLoops Loops, IProgramHost Programs, IAddressHost Addresses, IDaemonProcess Daemon);

internal interface IGuardianLog
{
    void Info(string text);

    void Warn(string text);

    void Error(string text);
}

/// <summary>What a guardian remembers over its own death. Stores end in <c>done</c>, later, with why they failed or null once the content is durable.</summary>
internal interface IGuardianDisk
{
    /// <summary>What is durable.</summary>
    GuardianState State { get; }

    /// <summary>Settings found at start, or null.</summary>
    GuardianSettings? Settings { get; }

    /// <summary>What was wrong with the files at start, as sentences.</summary>
    IReadOnlyList<string> Findings { get; }

    /// <summary>V_max: how long after a start an earlier life's vow may still run.</summary>
    TimeSpan Settle(GuardianSettings settings);

    void StoreTerm(StoredTerm term, Action<string?> done);

    /// <summary>A start counter that a peer has seen of a later life, so that the next life is later still.</summary>
    void StoreCounter(uint counter, Action<string?> done);

    /// <summary>Votes and promises, as a whole.</summary>
    void StoreVotes(VotingRecord votes, Action<string?> done);

    void StoreSettings(GuardianSettings settings, Action<string?> done);

    /// <summary>The start-up wait is over: vows of earlier lives need not be remembered any longer.</summary>
    void ForgetOldVows(Action<string?> done);
}

/// <summary>Makes the loop that beats.</summary>
internal interface IEngineLoops
{
    /// <summary>Opens the channels of these settings for the loop to come; null, or why that failed (to be tried again).</summary>
    string? Open(GuardianSettings settings);

    /// <summary>Starts beating on the opened channels; from now on the loop owns the engine.</summary>
    IEngineLoop Start(GuardianSettings settings, HeartbeatEngine engine);
}

/// <summary>The running engine. Commands are run by the one who owns it, between two passes.</summary>
internal interface IEngineLoop : IDisposable
{
    EngineStatus Status { get; }

    /// <summary>Boot time at which the grant ends unless renewed; 0 when there is none.</summary>
    long GrantDeadline { get; }

    NoteQueue Notes { get; }

    /// <summary>Devices of the disk and serial channels, as seen now.</summary>
    IReadOnlyList<ChannelDevice> Devices => [];

    BeatCounters Counters { get; }

    LatencyHistogram Lateness { get; }

    LatencyHistogram Renewal { get; }

    /// <summary>Runs a short command on the engine; false when too many wait already.</summary>
    bool TryPost(Action<HeartbeatEngine, long> command);

    /// <summary>As <see cref="TryPost"/>; what the command returns is then run on the control side.</summary>
    bool TryAsk(Func<HeartbeatEngine, long, Action> command);

    /// <summary>On the control side: runs now what commands have returned so far. Nothing to do for a loop that runs it at once.</summary>
    void RunAnswers()
    {
    }

    /// <summary>In a command only: send a pass at once, because the peers should know now.</summary>
    void RequestPass();

    /// <summary>In a command only: use new settings. Null, or why the old ones are still in force.</summary>
    string? Reconfigure(GuardianSettings settings);

    /// <summary>In a command only: nothing is left that the kill timer would have to end.</summary>
    void DisarmKill();
}

/// <summary>The connection of a node daemon, as the core answers it.</summary>
internal interface IDaemonConnection : IDisposable
{
    /// <summary>It has said hello.</summary>
    bool Greeted { get; set; }

    /// <summary>Process id by the kernel's word; 0 when that is not known.</summary>
    int PeerProcessId { get; }

    /// <summary>Boot time of its newest sign of life; 0 before the first. May be one of a daemon before it.</summary>
    long LastSign { get; }

    /// <summary>Never waits. <paramref name="requestId"/> 0 is a note.</summary>
    void Send(GuardianFrame frame, ulong requestId);
}

/// <summary>The node daemon's process, if the guardian started one.</summary>
internal interface IDaemonProcess
{
    /// <summary>Started and not reaped yet.</summary>
    bool Runs { get; }

    /// <summary>False when it could not be started; the port has said why.</summary>
    bool Start(string path, IReadOnlyList<string> arguments);

    /// <summary>Starts the next one, which waits until the present one has ended; <see cref="Start"/> then takes it, if it still runs.</summary>
    void StartAhead(string path, IReadOnlyList<string> arguments);

    /// <summary>Kills the one that was started ahead.</summary>
    void DropAhead();

    /// <summary>Sends a signal to it, if it runs.</summary>
    void Signal(int signal);
}
