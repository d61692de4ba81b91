using ClusterActors.Guardian.Beats;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Tests.Beats;

/// <summary>Late passes on virtual time: told at once, then the worst of ten seconds.</summary>
public sealed class BeatPassTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Late_pass_must_be_told_at_once_and_then_only_the_worst_of_ten_seconds()
    {
        using var bench = new Bench(TimeSpan.FromMilliseconds(10));
        bench.Pass(lateness: 10 * Ms);
        Assert.Empty(bench.Late());
        long due = bench.Beats.Next;
        bench.Pass(lateness: 12 * Ms);
        EngineNote first = Assert.Single(bench.Late());
        Assert.Equal((12 * Ms, 10 * Ms, due), (first.Nanoseconds, first.LimitNanoseconds, first.DueNanoseconds));

        bench.Pass(lateness: 15 * Ms);
        due = bench.Beats.Next;
        bench.Pass(lateness: 40 * Ms);
        bench.Pass(lateness: 20 * Ms);
        for (int i = 0; i < 46; i++)
            bench.Pass(lateness: 0);
        Assert.Empty(bench.Late());
        bench.Pass(lateness: 0);
        bench.Pass(lateness: 0);
        EngineNote worst = Assert.Single(bench.Late());
        Assert.Equal((40 * Ms, due), (worst.Nanoseconds, worst.DueNanoseconds));
        for (int i = 0; i < 100; i++)
            bench.Pass(lateness: 0);
        Assert.Empty(bench.Late());
    }

    [Fact]
    public void Late_pass_must_not_be_judged_before_the_limit_is_told()
    {
        using var bench = new Bench(TimeSpan.Zero);
        bench.Pass(lateness: 400 * Ms);
        Assert.Empty(bench.Late());
        bench.Beats.Apply(TestSettings.Pair() with { SchedulingError = TimeSpan.FromMilliseconds(1) });
        bench.Pass(lateness: 2 * Ms);
        Assert.Single(bench.Late());
    }

    [Fact]
    public void Late_pass_must_allocate_nothing()
    {
        using var bench = new Bench(TimeSpan.FromMilliseconds(10));
        for (int i = 0; i < 100; i++)
            bench.Pass(lateness: 50 * Ms);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            bench.Pass(lateness: 50 * Ms);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEmpty(bench.Late());
    }

    private sealed class Bench : IBootClock, ILeases, IKillTimer, IDisposable
    {
        private readonly HeartbeatEngine _engine;

        public Bench(TimeSpan limit)
        {
            GuardianSettings settings = TestSettings.Pair() with { SchedulingError = limit };
            _engine = new HeartbeatEngine(settings, new Incarnation(1, 1), default, settings.Timeout, Now);
            Beats = new BeatPass(settings, _engine, this, this, this);
            Beats.PlanFrom(Now);
        }

        public BeatPass Beats { get; }

        public long Now { get; private set; } = 1000 * Ms;

        public void Pass(long lateness)
        {
            Now = Beats.Next + lateness;
            Beats.Begin(Now);
            Beats.End(Now);
        }

        public List<EngineNote> Late()
        {
            var late = new List<EngineNote>();
            while (_engine.Notes.TryTake(out EngineNote note))
            {
                if (note.Kind == EngineNoteKind.BeatLate)
                    late.Add(note);
            }

            return late;
        }

        public bool Renew(long passTime, long deadline) => true;

        public void Arm(long deadline)
        {
        }

        public void Disarm()
        {
        }

        public void Dispose() => _engine.Dispose();
    }
}
