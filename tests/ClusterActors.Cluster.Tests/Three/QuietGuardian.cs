using ClusterActors.Model.Guardian;

namespace ClusterActors.Cluster.Tests.Three;

/// <summary>Tells its table when asked; what changes is told by the test.</summary>
internal sealed class QuietGuardian : IGuardianLink
{
    public Welcome? Welcome => null;

    public void OnNote(Action<GuardianNote> handler)
    {
    }

    public void GiveSign()
    {
    }

    public Task<Reply> AskAsync(GuardianRequest request, TimeSpan timeout, Action<Reply>? inOrder = null, CancellationToken cancellationToken = default)
    {
        var reply = request is GetTable ? new Reply(GuardianResult.Done, "", ThreeServers.Table.Encode()) : new Reply(GuardianResult.Refused, "not known here", []);
        inOrder?.Invoke(reply);
        return Task.FromResult(reply);
    }
}
