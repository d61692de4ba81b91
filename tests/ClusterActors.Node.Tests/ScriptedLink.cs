using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Tests;

/// <summary>A connection to a guardian that answers what the test says.</summary>
internal sealed class ScriptedLink : IGuardianLink
{
    public Welcome? Welcome => null;

    /// <summary>Null: the connection is lost.</summary>
    public Reply? Answer { get; set; }

    public int Asked { get; private set; }

    public Task<Reply> AskAsync(GuardianRequest request, TimeSpan timeout, Action<Reply>? inOrder = null, CancellationToken cancellationToken = default)
    {
        Asked++;
        return Answer is { } answer ? Task.FromResult(answer) : Task.FromException<Reply>(new IOException("the connection ended"));
    }

    public void GiveSign()
    {
    }

    public void OnNote(Action<GuardianNote> handler)
    {
    }
}
