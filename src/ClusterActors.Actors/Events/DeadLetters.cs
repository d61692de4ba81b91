namespace ClusterActors.Actors;

/// <summary>Both kinds of dead letters.</summary>
public abstract record AllDeadLetters(object Message, IActorRef Sender, IActorRef Recipient, string Reason);

/// <summary>A message that reached nobody, published on the event stream.</summary>
/// <param name="Message">The message as it was told.</param>
/// <param name="Sender">Who told it; dead letters when nobody.</param>
/// <param name="Recipient">Whom it was meant for.</param>
/// <param name="Reason">Why it was not delivered; one of <see cref="DeadLetterReasons"/> or a transport's own sentence.</param>
public sealed record DeadLetter(object Message, IActorRef Sender, IActorRef Recipient, string Reason)
    : AllDeadLetters(Message, Sender, Recipient, Reason);

/// <summary>A lost message that is of no interest (marked <see cref="IDeadLetterSuppression"/>): published, never logged.</summary>
public sealed record SuppressedDeadLetter(object Message, IActorRef Sender, IActorRef Recipient, string Reason)
    : AllDeadLetters(Message, Sender, Recipient, Reason);

/// <summary>Marks messages whose loss is normal, such as ticks.</summary>
public interface IDeadLetterSuppression;

/// <summary>A message no handler wanted, published on the event stream.</summary>
public sealed record UnhandledMessage(object Message, IActorRef Sender, IActorRef Recipient);

/// <summary>The kernel's reasons for dead letters.</summary>
public static class DeadLetterReasons
{
    /// <summary>Told to the dead-letter ref itself.</summary>
    public const string NoRecipient = "told to dead letters";

    /// <summary>The receiver has stopped.</summary>
    public const string Terminated = "receiver has stopped";

    /// <summary>The receiver's mailbox is at its limit.</summary>
    public const string MailboxFull = "receiver's mailbox is full";

    /// <summary>No actor at that path, or not in that incarnation.</summary>
    public const string NoSuchActor = "no actor at this path";

    /// <summary>The path belongs to another server and no link layer is installed.</summary>
    public const string NoRemoting = "path belongs to another server and no remoting is installed";

    /// <summary>Answer to an ask that is over.</summary>
    public const string AskOver = "the ask is already answered or timed out";

    /// <summary>Answer of a type the asker did not want.</summary>
    public const string AskWrongType = "the asker expects another type";

    /// <summary>A supervisor has no child at the moment to pass the message to.</summary>
    public const string NoChild = "supervised child is stopped for the moment";
}
