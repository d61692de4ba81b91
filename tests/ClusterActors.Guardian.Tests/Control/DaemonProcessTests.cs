using ClusterActors.Guardian.Control;
using ClusterActors.Linux.Sockets;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Control;

/// <summary>Real processes: a shell that writes down its number and what it was told, then sleeps.</summary>
public sealed class DaemonProcessTests : IGuardianLog, IDisposable
{
    private const int Kill = 9;
    private const long Second = 1_000_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("clp-daemon-").FullName;
    private readonly List<string> _said = [];
    private readonly PollSet _poll = new(1);
    private readonly DaemonProcess _daemon;

    public DaemonProcessTests()
    {
        _daemon = new DaemonProcess(new GuardianPaths("", "test"), this);
        _poll.Add(-1);
    }

    private string[] Arguments => ["-c", $"echo \"$$ ${{{StartedAhead.Variable}:-no}}\" >> {_folder}/starts; exec sleep 60"];

    public void Dispose()
    {
        _daemon.DropAhead();
        _daemon.Signal(Kill);
        _daemon.Dispose();
        _poll.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Process_started_ahead_must_be_the_one_that_the_next_start_takes()
    {
        Assert.True(_daemon.Start("/bin/sh", Arguments));
        Assert.Equal("no", StartNumber(1)[1]);
        _daemon.StartAhead("/bin/sh", Arguments);
        string[] ahead = StartNumber(2);
        Assert.Equal("1", ahead[1]);
        Assert.Equal(ahead[0], $"{_daemon.AheadProcessId}");

        EndPresent();
        Assert.True(_daemon.Start("/bin/sh", Arguments));
        Assert.Equal(-1, _daemon.AheadFileDescriptor);
        Assert.Contains($"(process {ahead[0]})", EndPresent());
        Assert.Equal(2, Starts().Length);
    }

    [Fact]
    public void Dropped_process_must_end_and_the_next_start_be_one_from_the_beginning()
    {
        Assert.True(_daemon.Start("/bin/sh", Arguments));
        _daemon.StartAhead("/bin/sh", Arguments);
        _daemon.DropAhead();
        Assert.True(_daemon.Runs);
        EndPresent();
        Assert.True(_daemon.Start("/bin/sh", Arguments));
        Until(() => _daemon.AheadFileDescriptor, () =>
        {
            _daemon.ReapAhead();
            return _daemon.AheadFileDescriptor < 0;
        });

        Assert.True(_daemon.Runs);
        Assert.DoesNotContain(_said, text => text.Contains("started ahead, ended", StringComparison.Ordinal) || text.EndsWith("is the present one", StringComparison.Ordinal));
    }

    [Fact]
    public void Process_that_ended_while_it_waited_must_be_told_and_not_be_taken()
    {
        Assert.True(_daemon.Start("/bin/sh", Arguments));
        StartNumber(1);
        _daemon.StartAhead("/bin/sh", ["-c", "exit 77"]);
        Until(() => _daemon.AheadFileDescriptor, () =>
        {
            _daemon.ReapAhead();
            return _daemon.AheadFileDescriptor < 0;
        });
        Assert.Contains(_said, text => text.EndsWith("started ahead, ended with exit code 77", StringComparison.Ordinal));

        EndPresent();
        Assert.True(_daemon.Start("/bin/sh", Arguments));
        Assert.Equal("no", StartNumber(2)[1]);
    }

    void IGuardianLog.Info(string text) => _said.Add(text);

    void IGuardianLog.Warn(string text) => _said.Add(text);

    void IGuardianLog.Error(string text) => _said.Add(text);

    private string EndPresent()
    {
        string end = "";
        _daemon.Signal(Kill);
        Until(() => _daemon.FileDescriptor, () => _daemon.TryReap(out end, out _));
        return end;
    }

    private string[] StartNumber(int number)
    {
        Until(() => -1, () => Starts().Length >= number);
        return Starts()[number - 1].Split(' ');
    }

    private string[] Starts() => File.Exists($"{_folder}/starts") ? File.ReadAllLines($"{_folder}/starts") : [];

    /// <summary>Looks again when the descriptor becomes readable, at the latest every 5 ms, for 20 s.</summary>
    private void Until(Func<int> descriptor, Func<bool> done)
    {
        long limit = KernelBootClock.Instance.Now + (20 * Second);
        while (!done())
        {
            Assert.True(KernelBootClock.Instance.Now < limit, "no end within 20 s");
            _poll.Set(0, descriptor());
            _poll.WaitUntil(KernelBootClock.Instance.Now + (Second / 200));
        }
    }
}
