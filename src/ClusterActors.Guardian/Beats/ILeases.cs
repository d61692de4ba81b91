namespace ClusterActors.Guardian.Beats;

/// <summary>What the beat thread renews in the kernel after each pass.</summary>
internal interface ILeases
{
    /// <summary>
    /// Moves every open lease to the deadline, or to less where the kind of the lease asks for it. Allocates nothing and does not block. False when one had expired or
    /// is gone: it stays closed until the control side arms it again. True when no lease is open.
    /// </summary>
    /// <param name="passTime">Boot time, nanoseconds, read before the messages were sent that the grant rests on: of this pass, or under vows of an earlier one.</param>
    /// <param name="deadline">Boot time at which the grant ends.</param>
    bool Renew(long passTime, long deadline);

    /// <summary>Length of the vow, nanoseconds, that the next renewals rest on: it may be shorter than the own timeout while a change of the ratio reaches one side first.</summary>
    void RestOn(long vow)
    {
    }
}
