using System.Globalization;

namespace ClusterActors.Model;

/// <summary>
/// One life of a server's guardian: a hash of the kernel's boot id and a start counter kept on disk. A statement of an earlier
/// incarnation (a beat, "down and clean") says nothing about the present one.
/// </summary>
public readonly record struct Incarnation(ulong BootId, uint StartCounter)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{BootId:x16}-{StartCounter}");
}
