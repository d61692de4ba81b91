using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class ShutdownTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static Dictionary<string, ShutdownPhase> Phases(bool recoverB = true) => new()
    {
        ["c"] = new(["b"], Second),
        ["b"] = new(["a"], Second, recoverB),
        ["a"] = new([], Second),
    };

    // R-CS1
    [Fact]
    public void Phases_must_be_sorted_by_dependency_and_circles_refused()
    {
        Assert.Equal(["a", "b", "c"], CoordinatedShutdown.Sort(Phases()));
        Assert.Throws<ArgumentException>(() => CoordinatedShutdown.Sort(new Dictionary<string, ShutdownPhase>
        {
            ["a"] = new(["b"], Second),
            ["b"] = new(["a"], Second),
        }));
        Assert.Equal(
            ["before-service-unbind", "service-unbind", "service-requests-done", "service-stop", "before-cluster-shutdown", "cluster-leave",
                "cluster-exiting", "cluster-exiting-done", "cluster-shutdown", "before-actor-system-terminate", "actor-system-terminate"],
            CoordinatedShutdown.Sort(CoordinatedShutdown.DefaultPhases));
    }

    // R-CS2, R-CS3: order, side by side, overdue and failed tasks
    [Fact]
    public void Run_must_keep_the_order_and_go_on_after_overdue_and_failed_tasks()
    {
        using var kit = new TestKitBase();
        var shutdown = new CoordinatedShutdown(kit.Sys, Phases());
        var log = new List<string>();
        var gate = new TaskCompletionSource();
        shutdown.AddTask("a", "slow", async _ =>
        {
            await gate.Task;
            log.Add("a1");
        });
        shutdown.AddTask("a", "beside", _ =>
        {
            log.Add("a2");
            return Task.CompletedTask;
        });
        shutdown.AddTask("b", "never", _ => new TaskCompletionSource().Task);
        shutdown.AddTask("b", "fails", _ => Task.FromException(new FormatException("x")));
        shutdown.AddTask("c", "last", _ =>
        {
            log.Add($"c at {kit.Clock.Elapsed.TotalSeconds}");
            return Task.CompletedTask;
        });
        var run = shutdown.Run("test");
        kit.Advance(Second * 0.5);
        gate.SetResult();
        kit.Await(run);
        Assert.Equal(["a2", "a1", "c at 1.5"], log);
    }

    // R-CS3
    [Fact]
    public void Run_must_end_at_a_failed_phase_that_does_not_recover()
    {
        using var kit = new TestKitBase();
        var shutdown = new CoordinatedShutdown(kit.Sys, Phases(recoverB: false));
        var reachedC = false;
        shutdown.AddTask("b", "fails", _ => Task.FromException(new FormatException("x")));
        shutdown.AddTask("c", "last", _ =>
        {
            reachedC = true;
            return Task.CompletedTask;
        });
        Assert.Throws<FormatException>(() => kit.Await(shutdown.Run("test")));
        Assert.False(reachedC);
    }

    // R-CS4
    [Fact]
    public void Run_must_happen_once_may_start_later_and_take_tasks_for_phases_to_come()
    {
        using var kit = new TestKitBase();
        var shutdown = new CoordinatedShutdown(kit.Sys, Phases());
        var log = new List<string>();
        shutdown.AddTask("a", "skipped", _ => throw new InvalidOperationException("must not run"));
        shutdown.AddTask("b", "adds", _ =>
        {
            log.Add("b");
            shutdown.AddTask("c", "added", _ =>
            {
                log.Add("c");
                return Task.CompletedTask;
            });
            Assert.Throws<InvalidOperationException>(() => shutdown.AddTask("a", "too late", _ => Task.CompletedTask));
            return Task.CompletedTask;
        });
        var first = shutdown.Run("first", fromPhase: "b");
        Assert.Same(first, shutdown.Run("second"));
        kit.Await(first);
        Assert.Equal("first", shutdown.Reason);
        Assert.Equal(["b", "c"], log);
        Assert.Throws<ArgumentException>(() => shutdown.AddTask("nowhere", "x", _ => Task.CompletedTask));
    }

    // R-CS5
    [Fact]
    public void Terminate_must_run_the_phases_while_actors_still_live_and_end_system_actors_last()
    {
        using var kit = new TestKitBase();
        var log = new List<string>();
        var user = kit.Sys.ActorOf(Script.Props((_, context) => context.Sender.Tell("alive"), new Script.Hooks { PostStop = _ => log.Add("user") }));
        kit.Sys.SystemActorOf(Script.Props((_, _) => { }, new Script.Hooks { PostStop = _ => log.Add("system") }));
        kit.Sys.CoordinatedShutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "ask", async timeUp => log.Add(await user.Ask<string>("?", cancellationToken: timeUp)));
        kit.Await(kit.Sys.Terminate());
        Assert.Equal(["alive", "user", "system"], log);
    }

    // R-CS6, D11: the signal's handler, raised for real at this process, which must survive it
    [Fact]
    public void Sigterm_must_run_the_shutdown_instead_of_ending_the_process()
    {
        using var kit = new TestKitBase(new RealDriver());
        using var signals = TerminationSignals.Register(kit.Sys);
        using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-TERM", Environment.ProcessId.ToString()])!;
        kit.Await(kit.Sys.WhenTerminated, TimeSpan.FromSeconds(20));
        Assert.Contains("SIGTERM", kit.Sys.CoordinatedShutdown.Reason);
    }
}
