using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ClusterActors.Persistence;

/// <summary>Continues the registration of one type with the forms that older programs wrote.</summary>
public sealed class EventRegistration<T>
    where T : notnull
{
    private readonly EventRegistry _registry;
    private readonly EventForm<T> _form;

    internal EventRegistration(EventRegistry registry, EventForm<T> form)
    {
        _registry = registry;
        _form = form;
    }

    /// <summary>Adds an older form and how it becomes the present one. The function must be pure: recovery runs it again and again.</summary>
    /// <exception cref="ArgumentException">The version is not older than the present one, or is already there.</exception>
    public EventRegistration<T> From<TOld>(int version, JsonTypeInfo<TOld> json, Func<TOld, T> upcast)
        where TOld : notnull
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(upcast);
        _registry.RequireOpen(_form.Manifest);
        _form.AddOlder(version, utf8 =>
        {
            var old = JsonSerializer.Deserialize(utf8, json);
            return old is null ? null : upcast(old);
        });
        return this;
    }
}

internal abstract class EventForm(string manifest, int version)
{
    public string Manifest { get; } = manifest;

    public int Version { get; } = version;

    public abstract byte[] Write(object value);

    public abstract object? Read(int version, ReadOnlySpan<byte> json);
}

internal sealed class EventForm<T>(string manifest, int version, Func<JsonTypeInfo<T>> json) : EventForm(manifest, version)
    where T : notnull
{
    private readonly Dictionary<int, OlderReader> _older = [];

    internal delegate object? OlderReader(ReadOnlySpan<byte> utf8);

    public void AddOlder(int version, OlderReader read)
    {
        if (version < 1 || version >= Version || !_older.TryAdd(version, read))
        {
            throw new ArgumentException(
                $"event registry: older version {version} of {Manifest} must lie between 1 and {Version - 1} and be added once");
        }
    }

    public override byte[] Write(object value) => JsonSerializer.SerializeToUtf8Bytes((T)value, json());

    public override object? Read(int version, ReadOnlySpan<byte> utf8)
    {
        if (version == Version)
        {
            return JsonSerializer.Deserialize(utf8, json());
        }

        return _older.TryGetValue(version, out var read)
            ? read(utf8)
            : throw new EventSchemaException(
                $"stored event {Manifest} has version {version}; this program reads {string.Join(", ", _older.Keys.Append(Version).Order())}: start a version that knows it");
    }
}
