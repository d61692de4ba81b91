namespace ClusterActors.Actors;

/// <summary>Handle of something scheduled.</summary>
public interface ICancelable
{
    /// <summary>True once cancelled.</summary>
    bool IsCancellationRequested { get; }

    /// <summary>Takes it back; never fires afterwards, except when it is firing right now.</summary>
    void Cancel();
}
