namespace ClusterActors.Model.Guardian;

/// <summary>
/// One life of one guardian. The counter is stored durably before the first beat and grows with every start, also over
/// boots, so of two incarnations of the same server the one with the larger counter is the later one; the boot hash tells
/// lives of different boots apart. A beat, an answer or a "clean" counts only for the incarnation it names.
/// </summary>
/// <param name="BootHash">First eight bytes of a hash of the kernel's boot id.</param>
/// <param name="Counter">Durable start counter of the guardian; 0 only in <see cref="None"/>.</param>
public readonly record struct Incarnation(ulong BootHash, ulong Counter)
{
    /// <summary>No life known (nothing heard yet).</summary>
    public static readonly Incarnation None;

    /// <summary>True when this is a later life than <paramref name="other"/> of the same server.</summary>
    public bool IsLaterThan(Incarnation other) => Counter > other.Counter;

    /// <inheritdoc/>
    public override string ToString() => $"{Counter}@{BootHash:x16}";
}
