namespace ClusterActors.Guardian.Beats;

/// <summary>What the beat thread renews in the kernel after each pass.</summary>
internal interface ILeases
{
    /// <summary>
    /// Moves every open lease to the deadline (boot time, nanoseconds). Allocates nothing and does not block. False when one had expired or
    /// is gone: it stays closed until the control side arms it again. True when no lease is open.
    /// </summary>
    bool Renew(long deadline);
}
