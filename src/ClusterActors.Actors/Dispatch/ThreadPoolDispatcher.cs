namespace ClusterActors.Actors;

/// <summary>Runs turns on the runtime's thread pool.</summary>
public sealed class ThreadPoolDispatcher : MessageDispatcher
{
    /// <summary>The one instance; it has no state of its own.</summary>
    public static ThreadPoolDispatcher Instance { get; } = new();

    private ThreadPoolDispatcher() { }

    /// <inheritdoc />
    public override void Execute(Action action) =>
        ThreadPool.UnsafeQueueUserWorkItem(static run => run(), action, preferLocal: false);

    internal override void Schedule(Mailbox mailbox) => ThreadPool.UnsafeQueueUserWorkItem(mailbox, preferLocal: true);
}
