using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ClusterActors.Persistence;

/// <summary>
/// The closed list of everything that may be stored: a manifest name and a version for each type, with a source-generated JSON
/// contract. Names of CLR types never reach the disk, so classes can be renamed, and nothing on the disk can choose a class.
/// Fill it at start; the first use closes it.
/// </summary>
public sealed class EventRegistry
{
    private static readonly SearchValues<char> ManifestLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");

    private readonly Lock _gate = new();
    private readonly Dictionary<Type, EventForm> _byType = [];
    private readonly Dictionary<string, EventForm> _byManifest = new(StringComparer.Ordinal);
    private volatile Closed? _closed;

    /// <summary>Registers the present form of <typeparamref name="T"/>; older forms are added to the returned registration.</summary>
    /// <param name="manifest">Stable name on disk, such as <c>rc.group-state</c>: 1-100 characters, lower case, digits, <c>. -</c>.</param>
    /// <param name="version">Version of the present form, 1 or more; raise it when an older program could not read the new form rightly.</param>
    /// <param name="json">The source-generated contract.</param>
    /// <exception cref="ArgumentException">Bad manifest, or manifest or type registered twice.</exception>
    /// <exception cref="InvalidOperationException">The registry is already in use.</exception>
    public EventRegistration<T> Register<T>(string manifest, int version, JsonTypeInfo<T> json)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(json);
        return Register(manifest, version, () => json);
    }

    /// <summary>The same with a contract that is asked for at the first value of the type: making one costs a starting program time.</summary>
    /// <param name="json">Answers the same contract each time; may be asked by several threads.</param>
    /// <inheritdoc cref="Register{T}(string, int, JsonTypeInfo{T})"/>
    public EventRegistration<T> Register<T>(string manifest, int version, Func<JsonTypeInfo<T>> json)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(json);
        RequireGoodManifest(manifest);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        var form = new EventForm<T>(manifest, version, json);
        lock (_gate)
        {
            if (_closed is not null)
            {
                throw new InvalidOperationException($"event registry: {manifest} came after the first use; register every type at start");
            }

            if (_byType.TryGetValue(typeof(T), out var sameType))
            {
                throw new ArgumentException($"event registry: {typeof(T).Name} is registered as {sameType.Manifest} and {manifest}; one manifest for each type");
            }

            if (!_byManifest.TryAdd(manifest, form))
            {
                throw new ArgumentException($"event registry: manifest {manifest} is registered twice; give each type its own");
            }

            _byType.Add(typeof(T), form);
        }

        return new EventRegistration<T>(this, form);
    }

    /// <summary>Turns an event into its stored form.</summary>
    /// <exception cref="EventSchemaException">The type is not registered, or its contract cannot express this value.</exception>
    public StoredForm Serialize(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!Close().ByType.TryGetValue(value.GetType(), out var form))
        {
            throw new EventSchemaException($"event registry: {value.GetType().Name} has no manifest; register it before it is persisted");
        }

        try
        {
            return new StoredForm(form.Manifest, form.Version, form.Write(value));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new EventSchemaException($"event registry: {form.Manifest} {form.Version} could not be written as JSON: {e.Message}", e);
        }
    }

    /// <summary>Turns a stored form of any known version into the present type.</summary>
    /// <exception cref="EventSchemaException">Unknown manifest, unknown version, or JSON that does not fit.</exception>
    public object Deserialize(string manifest, int version, ReadOnlySpan<byte> json)
    {
        if (!Close().ByManifest.TryGetValue(manifest, out var form))
        {
            throw new EventSchemaException(
                $"stored event has manifest {manifest}, which this program does not know; it was written by a newer or another program: start the version that wrote it");
        }

        try
        {
            return form.Read(version, json)
                ?? throw new EventSchemaException($"stored event {manifest} {version} holds JSON null; an event is never null: the row is damaged");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new EventSchemaException($"stored event {manifest} {version} does not have its registered form: {e.Message}", e);
        }
    }

    internal void RequireOpen(string manifest)
    {
        if (_closed is not null)
        {
            throw new InvalidOperationException($"event registry: an older form of {manifest} came after the first use; register every form at start");
        }
    }

    private Closed Close()
    {
        if (_closed is { } closed)
        {
            return closed;
        }

        lock (_gate)
        {
            return _closed ??= new Closed(_byType.ToFrozenDictionary(), _byManifest.ToFrozenDictionary(StringComparer.Ordinal));
        }
    }

    private static void RequireGoodManifest(string manifest)
    {
        ArgumentException.ThrowIfNullOrEmpty(manifest);
        if (manifest.Length > 100 || manifest.AsSpan().ContainsAnyExcept(ManifestLetters))
        {
            throw new ArgumentException($"event registry: manifest \"{manifest}\" must be 1-100 characters of a-z, 0-9, point and minus");
        }
    }

    private sealed record Closed(FrozenDictionary<Type, EventForm> ByType, FrozenDictionary<string, EventForm> ByManifest);
}

/// <summary>A value as it is stored: what it is, in which version, and its JSON in UTF-8.</summary>
public readonly record struct StoredForm(string Manifest, int Version, ReadOnlyMemory<byte> Json);
