using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

public sealed class AsyncHandlerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private sealed class Worker : ReceiveActor
    {
        public Worker(IActorRef to, Func<object, IActorContext, Func<IActorRef>, Task> work)
        {
            ReceiveAsync<Task>(async wait =>
            {
                to.Tell("begin");
                try
                {
                    await wait;
                    to.Tell($"end for {Sender.Path.Name}");
                }
                finally
                {
                    to.Tell("finally");
                }
            });
            ReceiveAsync<Func<Task>>(work => work());
            Receive<ReceiveTimeout>(_ => to.Tell("timeout"));
            Receive<Action<IActorContext>>(order => order(Context));
            ReceiveAnyAsync(message => work(message, Context, () => Sender));
        }

        protected override void PreRestart(Exception reason, object? message)
        {
            Failing = message;
            base.PreRestart(reason, message);
        }

        public static object? Failing { get; private set; }
    }

    private static IActorRef Start(TestKitBase kit) => kit.ActorOf(() => new Worker(kit.TestActor, (message, _, _) =>
    {
        kit.TestActor.Tell(message);
        return Task.CompletedTask;
    }));

    // R-AS1, R-AS2
    [Fact]
    public void Other_messages_must_wait_until_an_async_handler_ends_and_it_must_keep_its_sender()
    {
        using var kit = new TestKitBase();
        var actor = Start(kit);
        var gate = new TaskCompletionSource();
        kit.Probe.Send(actor, gate.Task);
        kit.CreateTestProbe("other").Send(actor, "next");
        kit.ExpectMsg("begin");
        kit.ExpectNoMsg();
        gate.SetResult();
        kit.ExpectMsg("end for testActor");
        kit.ExpectMsg("finally");
        kit.ExpectMsg("next");
    }

    // R-AS2 on real threads: every continuation is inside the actor, one at a time
    [Fact]
    public void Continuations_must_run_in_the_actors_turn()
    {
        using var kit = new TestKitBase(new RealDriver());
        var actor = Start(kit);
        var inside = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        actor.Tell((Func<Task>)(async () =>
        {
            var all = true;
            for (var i = 0; i < 50; i++)
            {
                await Task.Yield();
                await Task.Run(() => { });
                all &= ActorCell.Current?.Self.Equals(actor) == true;
            }
            inside.SetResult(all);
        }));
        Assert.True(kit.Await(inside.Task, TimeSpan.FromSeconds(20)));
    }

    // R-AS3
    [Fact]
    public void Failure_after_an_await_must_restart_the_actor_which_then_works_on()
    {
        using var kit = new TestKitBase();
        var actor = Start(kit);
        for (var round = 0; round < 3; round++)
        {
            var gate = new TaskCompletionSource();
            actor.Tell(gate.Task);
            kit.ExpectMsg("begin");
            kit.EventFilter(LogLevel.Error, "is restarted", cause: typeof(FormatException)).ExpectOne(() => gate.SetException(new FormatException("x")));
            Assert.Same(gate.Task, Worker.Failing);
            actor.Tell("alive");
            kit.ExpectMsg("finally");
            kit.ExpectMsg("alive");
        }
    }

    // R-AS4
    [Fact]
    public void ReceiveTimeout_must_count_from_the_end_of_an_async_handler()
    {
        using var kit = new TestKitBase();
        var actor = Start(kit);
        actor.Tell(Script.Do(context => context.SetReceiveTimeout(Second)));
        actor.Tell((Func<Task>)(() => Task.Delay(Second * 5, kit.Clock)));
        kit.Settle();
        kit.ExpectNoMsg(Second * 5.9);
        kit.ExpectMsg("timeout", Second * 0.2);
    }

    // R-AS4
    [Fact]
    public void PipeTo_inside_an_async_handler_must_not_wait_for_its_end()
    {
        using var kit = new TestKitBase();
        var actor = Start(kit);
        var piped = new TaskCompletionSource<string>();
        var gate = new TaskCompletionSource();
        actor.Tell((Func<Task>)(async () =>
        {
            _ = piped.Task.PipeTo(kit.TestActor);
            await gate.Task;
        }));
        kit.Settle();
        piped.SetResult("early");
        kit.ExpectMsg("early");
        gate.SetResult();
    }

    // R-AS5, D5
    [Fact]
    public void Stop_during_an_await_must_end_the_actor_cancel_its_token_and_still_run_finally()
    {
        using var kit = new TestKitBase();
        var actor = Start(kit);
        kit.Watch(actor);
        CancellationToken token = default;
        actor.Tell(Script.Do(context => token = context.CancellationToken));
        var gate = new TaskCompletionSource();
        actor.Tell(gate.Task);
        kit.ExpectMsg("begin");
        Assert.False(token.IsCancellationRequested);
        kit.Sys.Stop(actor);
        kit.ExpectTerminated(actor);
        Assert.True(token.IsCancellationRequested);
        kit.EventFilter(LogLevel.Warning, "async handler failed").ExpectOne(() => gate.SetException(new FormatException("late")));
        kit.ExpectMsg("finally");
    }

    // R-MB6: a restart ordered from above during an await takes the handler's suspension with it
    [Fact]
    public void Restart_during_an_await_must_leave_a_working_actor()
    {
        using var kit = new TestKitBase();
        var gate = new TaskCompletionSource();
        var parent = kit.Obedient("p", new Script.Hooks { PreRestart = (_, _, _) => { } });
        IActorRef child = ActorRefs.Nobody;
        parent.Tell(Script.Do(context => child = context.ActorOf(Props.Create(() => new Worker(kit.TestActor, (m, _, _) =>
        {
            kit.TestActor.Tell(m);
            return Task.CompletedTask;
        })))));
        kit.Settle();
        child.Tell(gate.Task);
        kit.ExpectMsg("begin");
        parent.Tell(new InvalidOperationException("restart us"));
        child.Tell("alive");
        kit.ExpectMsg("alive");
        gate.SetResult();
        kit.Settle();
        child.Tell("still alive");
        kit.Probe.FishForMessage<string>(text => text == "still alive");
    }
}
