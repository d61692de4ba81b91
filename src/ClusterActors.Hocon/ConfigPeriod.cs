namespace ClusterActors.Hocon;

/// <summary>A span in calendar units, whose length in hours depends on where it starts.</summary>
/// <param name="Years">Years.</param>
/// <param name="Months">Months.</param>
/// <param name="Days">Days; weeks are read as seven.</param>
public readonly record struct ConfigPeriod(int Years, int Months, int Days);
