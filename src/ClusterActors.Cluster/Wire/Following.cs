using ClusterActors.Model;

namespace ClusterActors.Cluster.Wire;

/// <summary>
/// Whose starts a server carries out. The coordinator decides nothing before every server that takes part follows it: the report that says
/// so comes behind everything that was accepted from another one, and no order of another one is accepted after it. So two coordinators
/// never act in one term, though each server finds out for itself who it is.
/// </summary>
/// <param name="Coordinator">Null: nobody's.</param>
/// <param name="Life"><see cref="ServerReport.Life"/> of the coordinator: its next one knows nothing of the orders of this one, or of those that another gave in between.</param>
/// <param name="Number">Grows with each change. An order tells under which it was decided, so that one which was late is refused.</param>
public sealed record Following(ServerName? Coordinator, long Life, long Number);
