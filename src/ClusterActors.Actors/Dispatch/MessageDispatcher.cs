namespace ClusterActors.Actors;

/// <summary>Decides on which thread, and when, mailboxes run their turns.</summary>
public abstract class MessageDispatcher
{
    private protected MessageDispatcher() { }

    /// <summary>True when turns run only while a test drives them.</summary>
    public virtual bool IsDeterministic => false;

    /// <summary>Runs <paramref name="action"/> soon, outside any actor. Exceptions end up with the caller of the turn or the process: the action must handle its own.</summary>
    public abstract void Execute(Action action);

    /// <summary>Gives a mailbox that has just become non-empty a turn.</summary>
    internal abstract void Schedule(Mailbox mailbox);

    /// <summary>Entry of a pool thread into a mailbox.</summary>
    internal virtual void RunFromPool(Mailbox mailbox) => mailbox.RunTurn();
}
