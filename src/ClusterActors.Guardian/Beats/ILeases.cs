namespace ClusterActors.Guardian.Beats;

/// <summary>What the beat thread renews in the kernel after each pass.</summary>
internal interface ILeases
{
    /// <summary>
    /// Moves every open lease to the deadline, or to less where the kind of the lease asks for it. Allocates nothing and does not block. False when one had expired or
    /// is gone: it stays closed until the control side arms it again. True when no lease is open.
    /// </summary>
    /// <param name="passTime">Boot time, nanoseconds, read before the beats of this pass were sent.</param>
    /// <param name="deadline">Boot time at which the grant ends.</param>
    bool Renew(long passTime, long deadline);
}
