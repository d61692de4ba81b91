using System.Buffers;
using System.Text.Json.Serialization.Metadata;

namespace ClusterActors.Remoting;

/// <summary>
/// The closed list of everything that may cross between servers: a manifest and a version for each type, with a source-generated
/// JSON contract. No CLR type name is on the wire, so nothing from there can choose a class. Fill it at start; the first link closes it.
/// <para>
/// Peers one version apart understand each other: an older form is turned into the present one by <see cref="WireRegistration{T}.From{TOld}"/>;
/// a newer form says from which version on it can be read as it is (members that are not known are passed over).
/// </para>
/// </summary>
public sealed class WireRegistry
{
    private static readonly SearchValues<char> ManifestLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");

    private readonly Dictionary<Type, WireForm> _byType = [];
    private readonly Dictionary<string, WireForm> _byManifest = new(StringComparer.Ordinal);
    private volatile bool _closed;

    public WireRegistry() => KernelMessages.RegisterIn(this);

    /// <summary>Registers the present form of <typeparamref name="T"/>.</summary>
    /// <param name="manifest">Stable name on the wire, such as <c>nm.report</c>: 1-100 characters of a-z, 0-9, point and minus.</param>
    /// <param name="version">Version of the present form, 1 or more; raise it with every change of the form.</param>
    /// <param name="json">The source-generated contract.</param>
    /// <param name="readableFrom">
    /// The oldest program version that can read this form as its own (only members were added, and leaving them out means the old thing).
    /// 0, the default: only programs of this version and newer.
    /// </param>
    /// <exception cref="ArgumentException">Bad manifest, or manifest or type registered twice, or a bad version.</exception>
    /// <exception cref="InvalidOperationException">The registry is already in use.</exception>
    public WireRegistration<T> Register<T>(string manifest, int version, JsonTypeInfo<T> json, int readableFrom = 0)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(json);
        return Register(manifest, version, () => json, readableFrom);
    }

    /// <summary>The same with a contract that is asked for when the type first crosses: making one costs a starting program time.</summary>
    /// <param name="json">Answers the same contract each time; may be asked by several threads.</param>
    /// <inheritdoc cref="Register{T}(string, int, JsonTypeInfo{T}, int)"/>
    public WireRegistration<T> Register<T>(string manifest, int version, Func<JsonTypeInfo<T>> json, int readableFrom = 0)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(json);
        RequireOpen();
        if (string.IsNullOrEmpty(manifest) || manifest.Length > 100 || manifest.AsSpan().ContainsAnyExcept(ManifestLetters))
        {
            throw new ArgumentException($"wire registry: manifest \"{manifest}\" must be 1-100 characters of a-z, 0-9, point and minus");
        }

        if (version is < 1 or > ushort.MaxValue || readableFrom < 0 || readableFrom > version)
        {
            throw new ArgumentException($"wire registry: {manifest} has version {version}, readable from {readableFrom}; versions are 1-65535 and readableFrom is not above the version");
        }

        var form = new WireForm<T>(manifest, version, readableFrom == 0 ? version : readableFrom, json);
        if (!_byType.TryAdd(typeof(T), form) || !_byManifest.TryAdd(manifest, form))
        {
            throw new ArgumentException($"wire registry: {typeof(T).Name} or manifest {manifest} is registered twice; one manifest for each type");
        }

        return new WireRegistration<T>(this, form);
    }

    internal void Close() => _closed = true;

    internal WireForm? FormOf(Type type) => _byType.GetValueOrDefault(type);

    internal WireForm? FormOf(ReadOnlySpan<char> manifest) =>
        _byManifest.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(manifest, out var form) ? form : null;

    internal void RequireOpen()
    {
        if (_closed)
        {
            throw new InvalidOperationException("wire registry: a registration came after the first link was started; register everything at start");
        }
    }
}
