namespace ClusterActors.Linux.Time;

/// <summary>Ends a guardian, and its programs with it, at an instant unless the instant is moved in time: see <see cref="KillTimer"/>.</summary>
public interface IKillTimer
{
    /// <summary>Arms, or moves an armed timer. An instant that has passed kills at once.</summary>
    void Arm(long bootNanoseconds);

    /// <summary>From now on nothing happens until the next <see cref="Arm"/>.</summary>
    void Disarm();
}
