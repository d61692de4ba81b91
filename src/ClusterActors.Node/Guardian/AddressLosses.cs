using System.Collections.Concurrent;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Guardian;

/// <summary>
/// Who waits for the loss of which address. Fed by the guardian's notes and, after a reconnect to the same guardian, by its table, so
/// that a loss that happened while nobody was connected is not missed.
/// </summary>
internal sealed class AddressLosses
{
    private readonly ConcurrentDictionary<Wait, bool> _waits = new();

    /// <summary>The waits of now.</summary>
    public IReadOnlyCollection<Wait> Waiting => [.. _waits.Keys];

    /// <summary>Begins a wait; whoever began it disposes of it.</summary>
    public Wait Expect(string group, string resource)
    {
        var wait = new Wait(this, group, resource);
        _waits[wait] = true;
        return wait;
    }

    public void On(AddressLost lost)
    {
        foreach (var wait in Waiting.Where(w => w.Group == lost.Group && w.Resource == lost.Resource))
            wait.End(lost.Detail);
    }

    /// <summary>The guardian's table after a connect.</summary>
    /// <param name="before">The waits when the table was asked for; a later one may be for an address that came up after it was made.</param>
    public void On(GuardianTable table, IReadOnlyCollection<Wait> before)
    {
        var up = table.Addresses.Select(a => (a.Group, a.Resource)).ToHashSet();
        foreach (var wait in before.Where(w => !up.Contains((w.Group, w.Resource))))
            wait.End("the guardian does not hold it any more");
    }

    /// <summary>One who waits.</summary>
    internal sealed class Wait(AddressLosses owner, string group, string resource) : IDisposable
    {
        private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Group => group;

        public string Resource => resource;

        /// <summary>Completes with the reason.</summary>
        public Task<string> Lost => _lost.Task;

        public void End(string reason) => _lost.TrySetResult(reason);

        public void Dispose() => owner._waits.TryRemove(this, out _);
    }
}
