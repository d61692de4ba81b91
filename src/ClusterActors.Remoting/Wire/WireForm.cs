using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ClusterActors.Remoting;

/// <summary>Continues the registration of one type with the forms that older programs send.</summary>
public sealed class WireRegistration<T>
    where T : notnull
{
    private readonly WireRegistry _registry;
    private readonly WireForm<T> _form;

    internal WireRegistration(WireRegistry registry, WireForm<T> form)
    {
        _registry = registry;
        _form = form;
    }

    /// <summary>Adds an older form and how it becomes the present one.</summary>
    /// <exception cref="ArgumentException">The version is not older than the present one, or is already there.</exception>
    public WireRegistration<T> From<TOld>(int version, JsonTypeInfo<TOld> json, Func<TOld, T> upcast)
        where TOld : notnull
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(upcast);
        _registry.RequireOpen();
        _form.AddOlder(version, utf8 => JsonSerializer.Deserialize(utf8, json) is { } old ? upcast(old) : null);
        return this;
    }
}

internal abstract class WireForm(string manifest, int version, int readableFrom)
{
    public string Manifest { get; } = manifest;

    public byte[] ManifestUtf8 { get; } = Encoding.ASCII.GetBytes(manifest);

    public ushort Version { get; } = (ushort)version;

    public ushort ReadableFrom { get; } = (ushort)readableFrom;

    public abstract void Write(Utf8JsonWriter writer, object value);

    /// <summary>Null: this version cannot be read. Throws <see cref="JsonException"/> when the JSON does not fit.</summary>
    public abstract object? Read(int version, int readableFrom, ReadOnlySpan<byte> json);
}

internal sealed class WireForm<T>(string manifest, int version, int readableFrom, Func<JsonTypeInfo<T>> json) : WireForm(manifest, version, readableFrom)
    where T : notnull
{
    private readonly Dictionary<int, OlderReader> _older = [];

    internal delegate object? OlderReader(ReadOnlySpan<byte> utf8);

    public void AddOlder(int version, OlderReader read)
    {
        if (version < 1 || version >= Version || !_older.TryAdd(version, read))
        {
            throw new ArgumentException($"wire registry: older version {version} of {Manifest} must lie between 1 and {Version - 1} and be added once");
        }
    }

    public override void Write(Utf8JsonWriter writer, object value) => JsonSerializer.Serialize(writer, (T)value, json());

    public override object? Read(int version, int readableFrom, ReadOnlySpan<byte> utf8)
    {
        if (version == Version || (version > Version && readableFrom <= Version))
        {
            return JsonSerializer.Deserialize(utf8, json());
        }

        return _older.TryGetValue(version, out var read) ? read(utf8) : null;
    }
}
