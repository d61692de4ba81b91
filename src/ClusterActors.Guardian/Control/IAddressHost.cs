using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>The group addresses as the control thread uses them; callbacks come back on that thread.</summary>
internal interface IAddressHost : IDisposable
{
    /// <summary>Addresses that are up, or on their way up or down.</summary>
    int Count { get; }

    IReadOnlyList<AddressEntry> Entries();

    void Add(AddAddress request, Action<Reply> answer);

    void Remove(string group, string resource, Action<Reply> answer);

    /// <summary>Closes the fence at once for all addresses; nothing opens it before <see cref="Arm"/>.</summary>
    void CloseAll();

    /// <summary>Removes every address; the outcome says whether none is left.</summary>
    void RemoveAll(Action<KillOutcome> done);

    /// <summary>The grant is held (again): addresses that are up may answer.</summary>
    void Arm();

    /// <summary>Null, or why these settings cannot be applied while addresses are up.</summary>
    string? WhyNot(GuardianSettings settings);

    /// <summary>New settings: make the fence ready before the first address needs it. What goes wrong is said when one does.</summary>
    void Prepare(GuardianSettings settings);

    /// <summary>Fence in use, in words.</summary>
    string Describe();

    ClusterActors.Model.FenceChoice Kind { get; }
}
