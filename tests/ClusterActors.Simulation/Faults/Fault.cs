using System.Globalization;

namespace ClusterActors.Simulation.Faults;

/// <summary>One thing that goes wrong.</summary>
/// <param name="At">After the start of the part with faults.</param>
/// <param name="Kind">Name in <see cref="FaultKinds"/>.</param>
/// <param name="Server">Index of the server concerned; the sender of a path.</param>
/// <param name="Other">Another server; the receiver of a path.</param>
/// <param name="Network">Network concerned.</param>
/// <param name="Lasts">Until it is over by itself.</param>
/// <param name="Amount">0 up to 1, with a meaning of its kind.</param>
internal sealed record Fault(TimeSpan At, string Kind, int Server, int Other, int Network, TimeSpan Lasts, double Amount)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At.TotalSeconds,9:0.000} {Kind,-16} server{Server + 1} server{Other + 1} lan{Network + 1} {Lasts.TotalSeconds,8:0.000} s {Amount:0.000}");
}
