namespace ClusterActors.Model.Guardian;

/// <summary>
/// What <c>clpd</c> sees of its guardian. An implementation connects to <c>/run/clp/guardian.sock</c>, reconnects by itself, and
/// delivers notes in order. After each reconnect the first note is a <see cref="Welcome"/>: fetch the table then.
/// </summary>
public interface IGuardianLink
{
    /// <summary>The newest greeting; null while not connected.</summary>
    Welcome? Welcome { get; }

    /// <summary>
    /// Sends a request and completes with its answer. Faults with <see cref="TimeoutException"/> after <paramref name="timeout"/> and with
    /// <see cref="IOException"/> when the connection ends before the answer: the request may or may not have been executed; ask for the table.
    /// </summary>
    /// <param name="inOrder">
    /// Called with the answer on the link's own thread, in the order in which the guardian wrote answers and notes; it must return at once
    /// (tell an actor). For answers that say what is, as a table does: by way of the task a later note may be seen first.
    /// </param>
    Task<Reply> AskAsync(GuardianRequest request, TimeSpan timeout, Action<Reply>? inOrder = null, CancellationToken cancellationToken = default);

    /// <summary>Shows the guardian that this daemon lives; to be called from an actor's behaviour, so that it proves the mailboxes move. Never waits.</summary>
    void GiveSign();

    /// <summary>Notes go to this handler, one at a time, in order, on the link's own thread; it must return at once (tell an actor).
    /// Replaces the handler set before.</summary>
    void OnNote(Action<GuardianNote> handler);
}
