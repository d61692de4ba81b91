namespace ClusterActors.Actors;

/// <summary>
/// Where an actor system lives: its name and, once it is reachable from other servers, the server's name.
/// Written <c>clp://system</c> or <c>clp://system@server</c>.
/// </summary>
/// <param name="System">Name of the actor system.</param>
/// <param name="Server">Name of the server; null means "this process".</param>
public sealed record Address(string System, string? Server = null)
{
    /// <summary>The one protocol of the product's paths.</summary>
    public const string Protocol = "clp";

    /// <summary>True when the address names a server, so that it means the same on every node.</summary>
    public bool IsGlobal => Server is not null;

    /// <inheritdoc />
    public override string ToString() => Server is null ? $"{Protocol}://{System}" : $"{Protocol}://{System}@{Server}";
}
