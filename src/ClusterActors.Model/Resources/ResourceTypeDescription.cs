namespace ClusterActors.Model.Resources;

public enum ParameterKind
{
    Text,
    Integer,
    Boolean,
    Duration,
    Size,

    /// <summary>A list of strings, such as a command line.</summary>
    TextList,

    /// <summary>One of <see cref="ParameterDescription.Allowed"/>.</summary>
    Choice,

    /// <summary>IP address with prefix length: <c>10.0.0.100/24</c> or <c>fd00::100/64</c>.</summary>
    AddressWithPrefix,

    /// <summary>An object whose keys and values are strings, such as extra environment variables.</summary>
    TextMap,
}

/// <summary>One key of a resource type: the single source for validation, reference text, help and forms.</summary>
/// <param name="Key">As written in cluster.conf.</param>
/// <param name="Unit">"s", "bytes" or empty; durations and sizes are written with units.</param>
/// <param name="Default">As it would be written in cluster.conf; null = no default.</param>
/// <param name="Minimum">For integers, durations (milliseconds) and sizes (bytes); null = no limit.</param>
/// <param name="Documentation">Meaning in one or two sentences, with the reaction to errors where that is not obvious.</param>
public sealed record ParameterDescription(
    string Key,
    ParameterKind Kind,
    bool Required,
    string? Default,
    string Unit,
    string Documentation,
    long? Minimum = null,
    long? Maximum = null,
    IReadOnlyList<string>? Allowed = null);

/// <summary>How an old copy of a resource is excluded after a takeover (safety.md section 2).</summary>
public enum ExclusionClass
{
    /// <summary>The kernel stops it when the lease ends (fip).</summary>
    Lease,

    /// <summary>It is killed with its guardian (exec in its containment).</summary>
    Kill,

    /// <summary>The peer refuses the older term (mirror).</summary>
    Term,

    /// <summary>Only proof of death makes a takeover safe (shared disks).</summary>
    Proof,
}

/// <summary>Everything a resource type says about itself.</summary>
/// <param name="StartOrder">Default dependency: types of a lower number start before those of a higher one in the same group.</param>
/// <param name="Privileges">What it needs, in words, for reference text and doctor.</param>
public sealed record ResourceTypeDescription(
    string Type,
    string Summary,
    ExclusionClass Exclusion,
    int StartOrder,
    int DefaultStartRetries,
    int DefaultRestarts,
    string Privileges,
    IReadOnlyList<ParameterDescription> Parameters)
{
    /// <summary>How an old copy of one resource is excluded: as its type says, unless the administrator knows that only proof will do.</summary>
    public ExclusionClass ExclusionOf(ResourceParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters.OptionalText("excluded-by") == "proof" ? ExclusionClass.Proof : Exclusion;
    }
}
