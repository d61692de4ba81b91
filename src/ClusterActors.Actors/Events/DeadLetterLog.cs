namespace ClusterActors.Actors;

/// <summary>
/// Logs dead letters: the first few, then a pause, then how many were left out (R-ES4). A flood of them must not become a
/// flood of log lines. Not an actor, so it has no mailbox that could fill up.
/// </summary>
internal sealed class DeadLetterLog(ActorSystem system, ActorPath path) : MinimalActorRef
{
    private readonly Lock _lock = new();
    private int _logged;
    private long _leftOut;
    private long _pausedAt;

    public override ActorPath Path => path;

    public override ActorSystem System => system;

    protected override void TellInternal(object message, IActorRef? sender)
    {
        if (message is not DeadLetter letter) return;
        var limit = system.Options.DeadLetterLogCount;
        if (limit <= 0) return;
        long leftOut;
        bool last;
        lock (_lock)
        {
            if (_logged >= limit)
            {
                if (system.Time.GetElapsedTime(_pausedAt) < system.Options.DeadLetterLogPause)
                {
                    _leftOut++;
                    return;
                }
                _logged = 0;
            }
            leftOut = _leftOut;
            _leftOut = 0;
            last = ++_logged >= limit;
            if (last) _pausedAt = system.Time.GetTimestamp();
        }
        var log = system.LogFor(letter.Recipient.Path);
        if (leftOut > 0) log.Warning("{Count} dead letters were not logged", leftOut);
        log.Info("dead letter {Type} from {Sender}: {Reason}", letter.Message.GetType().Name, letter.Sender.Path, letter.Reason);
        if (last) log.Info("no more dead letters are logged for {Pause}", system.Options.DeadLetterLogPause);
    }
}
