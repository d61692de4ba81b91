using ClusterActors.TestKit;

namespace ClusterActors.Actors.Tests;

/// <summary>An actor whose handler is a delegate, for tests that need three lines of behaviour.</summary>
internal sealed class Script(Action<object, IActorContext> handle, Script.Hooks? hooks = null) : UntypedActor, IWithStash, IWithTimers
{
    internal sealed record Hooks
    {
        public Action<IActorContext>? PreStart { get; init; }

        public Action<IActorContext>? PostStop { get; init; }

        public Action<Exception, object?, IActorContext>? PreRestart { get; init; }

        public Action<Exception, IActorContext>? PostRestart { get; init; }

        public SupervisorStrategy? Strategy { get; init; }
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The instance handling the message, for access to stash and timers.</summary>
    [ThreadStatic]
    public static Script? Instance;

    public static Props Props(Action<object, IActorContext> handle, Hooks? hooks = null) => Actors.Props.Create(() => new Script(handle, hooks));

    /// <summary>Runs what it is told to run; throws exceptions it is told; passes the rest to a ref.</summary>
    public static Props Obedient(IActorRef to, Hooks? hooks = null) => Props(
        (message, context) =>
        {
            switch (message)
            {
                case Exception failure: throw failure;
                case Action<IActorContext> order: order(context); break;
                default: to.Tell(message, context.Self); break;
            }
        },
        hooks);

    public static Action<IActorContext> Do(Action<IActorContext> order) => order;

    protected override SupervisorStrategy SupervisorStrategy() => hooks?.Strategy ?? base.SupervisorStrategy();

    protected override void PreStart()
    {
        Instance = this;
        hooks?.PreStart?.Invoke(Context);
    }

    protected override void PostStop()
    {
        Instance = this;
        hooks?.PostStop?.Invoke(Context);
    }

    protected override void PreRestart(Exception reason, object? message)
    {
        Instance = this;
        if (hooks?.PreRestart is { } hook) hook(reason, message, Context);
        else base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        Instance = this;
        if (hooks?.PostRestart is { } hook) hook(reason, Context);
        else base.PostRestart(reason);
    }

    protected override void OnReceive(object message)
    {
        Instance = this;
        handle(message, Context);
    }
}

internal sealed record Control(string Text) : IControlMessage;

internal static class KitExtensions
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static SupervisorStrategy Always(Directive directive) => new OneForOneStrategy(_ => directive);

    public static IActorRef Obedient(this TestKitBase kit, string? name = null, Script.Hooks? hooks = null) =>
        kit.ActorOf(Script.Obedient(kit.TestActor, hooks), name);
}
