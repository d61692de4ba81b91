using System.Globalization;

namespace ClusterActors.Model.Resources;

/// <summary>
/// A resource's own keys after validation, defaults filled in from its type's description. Values are <see cref="string"/>,
/// <see cref="long"/> (integers; sizes in bytes), <see cref="bool"/>, <see cref="TimeSpan"/>, lists of strings or string maps.
/// Asking for a key the description does not have, or as another kind, is a bug and throws.
/// </summary>
public sealed class ResourceParameters(IReadOnlyDictionary<string, object> values)
{
    public static readonly ResourceParameters Empty = new(new Dictionary<string, object>());

    public IReadOnlyDictionary<string, object> Values { get; } = values;

    public string Text(string key) => Get<string>(key);

    public string? OptionalText(string key) => Values.TryGetValue(key, out var value) ? (string)value : null;

    public long Integer(string key) => Get<long>(key);

    public bool Boolean(string key) => Get<bool>(key);

    public TimeSpan Duration(string key) => Get<TimeSpan>(key);

    public IReadOnlyList<string> TextList(string key) => Get<IReadOnlyList<string>>(key);

    public IReadOnlyList<string> OptionalTextList(string key) =>
        Values.TryGetValue(key, out var value) ? (IReadOnlyList<string>)value : [];

    public IReadOnlyDictionary<string, string> OptionalTextMap(string key) =>
        Values.TryGetValue(key, out var value) ? (IReadOnlyDictionary<string, string>)value : new Dictionary<string, string>();

    private T Get<T>(string key) =>
        Values.TryGetValue(key, out var value) && value is T typed
            ? typed
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"parameter '{key}' is {value?.GetType().Name ?? "missing"}; the binder promised {typeof(T).Name}"));
}
