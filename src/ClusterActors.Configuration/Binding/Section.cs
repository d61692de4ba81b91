using System.Globalization;
using ClusterActors.Hocon;

namespace ClusterActors.Configuration.Binding;

/// <summary>
/// One object of cluster.conf over its counterpart in reference.conf. A getter returns null after reporting what is wrong, and also,
/// without a word, for a key that neither file gives a value; a missing key that must be written is reported by <see cref="Require"/>.
/// </summary>
internal sealed class Section
{
    private readonly ConfigObject? _written;
    private readonly ConfigObject _reference;
    private readonly ConfigPath _referencePath;
    private readonly BindingReport _report;

    /// <param name="written">The object in cluster.conf; null when it is not written.</param>
    /// <param name="reference">The object in reference.conf.</param>
    /// <param name="referencePath">Path of the latter.</param>
    /// <param name="path">Path to show.</param>
    /// <param name="origin">Where to send a person who misses a key.</param>
    /// <param name="report">Receives problems and bound keys.</param>
    public Section(ConfigObject? written, ConfigObject reference, ConfigPath referencePath, ConfigPath path, Origin origin, BindingReport report)
    {
        _written = written;
        _reference = reference;
        _referencePath = referencePath;
        Path = path;
        Origin = origin;
        _report = report;
    }

    public ConfigPath Path { get; }

    public Origin Origin { get; }

    public ConfigObject? Written => _written;

    public IEnumerable<string> KnownKeys => _reference.Fields.Select(f => f.Key);

    public string FullPath(string key) => Path.Child(key).ToString();

    public bool IsWritten(string key) => _written?.Field(key) is { Value.Kind: not ConfigValueKind.Null };

    /// <summary>Where the key stands in cluster.conf, or where its object does.</summary>
    public Origin OriginOf(string key) => _written?.Field(key)?.KeyOrigin ?? Origin;

    public void Complain(string key, string sentence) => _report.Add(OriginOf(key), sentence);

    /// <summary>Reports a key without value; false when there is none, or an unreadable one that has been reported.</summary>
    public bool Require(string key, string explanation)
    {
        var value = Value(key);
        if (value is null) Complain(key, $"{FullPath(key)} is {(_written?.Field(key) is null ? "missing" : "null")}; {explanation}");
        return value is { Kind: not ConfigValueKind.Invalid };
    }

    public Section Child(string key)
    {
        var field = _written?.Field(key);
        return new Section(ObjectOf(field), (ConfigObject)_reference.Field(key)!.Value, _referencePath.Child(key), Path.Child(key), field?.KeyOrigin ?? Origin, _report);
    }

    /// <summary>The same object over another counterpart of reference.conf, such as that of the type it names.</summary>
    public Section Over(string section, string key)
    {
        var path = ConfigPath.Root.Child(section).Child(key);
        var reference = (ConfigObject)((ConfigObject)Configuration.Reference.Config.Root.Field(section)!.Value).Field(key)!.Value;
        return new Section(_written, reference, path, Path, Origin, _report);
    }

    /// <summary>The named objects of a section such as servers, each over the reference's "*".</summary>
    public List<NamedSection> Named(string key, string kind)
    {
        var template = (ConfigObject)((ConfigObject)_reference.Field(key)!.Value).Field("*")!.Value;
        var found = new List<NamedSection>();
        foreach (var field in ObjectOf(_written?.Field(key))?.Fields ?? [])
        {
            ReportDoubles(field, kind);
            if (ObjectOf(field, Path.Child(key)) is not { } item) continue;
            var section = new Section(item, template, _referencePath.Child(key).Child("*"), Path.Child(key).Child(field.Key), field.KeyOrigin, _report);
            found.Add(new NamedSection(field.Key, section));
        }

        return found;
    }

    /// <summary>How many named objects, good or bad, are written in a section such as servers.</summary>
    public int CountOf(string key) => _written?.Field(key)?.Value is ConfigObject named ? named.Fields.Length : 0;

    public string? Text(string key) => Value(key) switch
    {
        null or { Kind: ConfigValueKind.Invalid } => null,
        ConfigScalar { Text.Length: > 0 } scalar => scalar.Text,
        var other => Wrong<string>(key, other, "a text"),
    };

    public TimeSpan? Duration(string key, TimeSpan minimum, TimeSpan maximum)
    {
        if (Value(key) is not { Kind: not ConfigValueKind.Invalid } value) return null;
        if (value is not ConfigScalar scalar) return Wrong<TimeSpan?>(key, value, ConfigUnits.DurationForms);
        if (!ConfigUnits.TryParseDuration(scalar.Text, isUnitRequired: true, out var duration, out var problem))
        {
            Complain(key, $"{FullPath(key)}: {problem}");
            return null;
        }

        if (duration >= minimum && duration <= maximum) return duration;
        Complain(key, $"{FullPath(key)} is {Words.Duration(duration)}; {Words.Duration(minimum)} to {Words.Duration(maximum)} is allowed");
        return null;
    }

    public int? Integer(string key, int minimum, int maximum)
    {
        if (Value(key) is not { Kind: not ConfigValueKind.Invalid } value) return null;
        if (value is ConfigScalar scalar && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum) return number;
        return Wrong<int?>(key, value, $"a whole number from {minimum} to {maximum}");
    }

    public T? Choice<T>(string key)
        where T : struct, Enum
    {
        if (Value(key) is not { Kind: not ConfigValueKind.Invalid } value) return null;
        var choices = Enum.GetValues<T>();
        foreach (var choice in choices)
        {
            if (value is ConfigScalar scalar && Words.Kebab(choice) == scalar.Text) return choice;
        }

        var names = choices.Select(Words.Kebab).ToList();
        return Wrong<T?>(key, value, $"one of {Words.List(names)}{(value is ConfigScalar text ? Words.DidYouMean(text.Text, names) : "")}");
    }

    /// <summary>A list of texts, each with its own place. A single text is not taken for a list here.</summary>
    public List<(string Text, Origin Origin)>? Texts(string key, string allowed)
    {
        if (Value(key) is not { Kind: not ConfigValueKind.Invalid } value) return null;
        if (value is not ConfigList list) return Wrong<List<(string, Origin)>>(key, value, allowed);
        var texts = new List<(string, Origin)>();
        foreach (var element in list.Elements)
        {
            if (element is ConfigScalar { Kind: not (ConfigValueKind.Null or ConfigValueKind.Invalid), Text.Length: > 0 } scalar) texts.Add((scalar.Text, scalar.Origin));
            else _report.Add(element.Origin, $"{FullPath(key)} holds {Describe(element)}; it must be {allowed}");
        }

        return texts;
    }

    /// <summary>An object of texts; empty when it is not written.</summary>
    public IReadOnlyDictionary<string, string>? TextMap(string key)
    {
        if (Value(key) is not { } value) return new Dictionary<string, string>();
        if (value.Kind == ConfigValueKind.Invalid) return null;
        return value is ConfigObject fields ? TextsOf(fields, FullPath(key)) : Wrong<IReadOnlyDictionary<string, string>>(key, value, "an object of texts such as { name = value }");
    }

    /// <summary>The texts of an object, each one that is none reported at its own line; null with one of them.</summary>
    public IReadOnlyDictionary<string, string>? TextsOf(ConfigObject fields, string path)
    {
        var wrong = fields.Fields.Where(f => f.Value is not ConfigScalar { Kind: not (ConfigValueKind.Null or ConfigValueKind.Invalid) }).ToList();
        foreach (var field in wrong.Where(f => f.Value.Kind != ConfigValueKind.Invalid))
            _report.Add(field.KeyOrigin, $"{path}.{field.Key} is {Describe(field.Value)}; it must be a text");
        return wrong.Count > 0 ? null : fields.Fields.ToDictionary(f => f.Key, f => ((ConfigScalar)f.Value).Text, StringComparer.Ordinal);
    }

    /// <summary>Reports the keys that nobody reads.</summary>
    /// <param name="further">Keys that are known besides those of the reference, and may be written.</param>
    /// <param name="refused">Keys that somebody else complains about when they are written.</param>
    public void ReportUnknownKeys(IEnumerable<string>? further = null, IReadOnlyCollection<string>? refused = null)
    {
        if (_written is null) return;
        var allowed = KnownKeys.Concat(further ?? []).Where(k => k != "*" && refused?.Contains(k) != true).ToList();
        foreach (var unknown in KeyChecks.FindUnknown(_written, [.. allowed, .. refused ?? []]))
        {
            var hint = unknown.Suggestion is null ? $"allowed are {Words.List(allowed)}" : $"did you mean '{unknown.Suggestion}'?";
            _report.Add(unknown.Origin, $"{FullPath(unknown.Key)} is not a known key; {hint}");
        }
    }

    public static string Describe(ConfigValue value) => value switch
    {
        ConfigObject => "an object",
        ConfigList => "a list",
        ConfigScalar { Text.Length: 0 } => "empty",
        ConfigScalar scalar => $"'{scalar.Text}'",
        _ => "nothing",
    };

    /// <summary>
    /// The value in force; null when neither file gives one. A written null does not take a default away: nobody could say what is in force instead,
    /// and it may come from a substitution that stands for something else than was thought.
    /// </summary>
    public ConfigValue? Value(string key)
    {
        _report.BoundKeys.Add(_referencePath.Child(key).ToString());
        var own = (_reference.Field(key) ?? throw new InvalidOperationException($"reference.conf has no key {_referencePath.Child(key)}")).Value;
        var value = _written?.Field(key)?.Value ?? own;
        if (value.Kind != ConfigValueKind.Null) return value;
        if (own.Kind == ConfigValueKind.Null) return null;
        if (own is ConfigScalar usual) Complain(key, $"{FullPath(key)} is null; give it a value, or remove it to have the default, {usual.Text}");
        else Complain(key, $"{FullPath(key)} is null; give it a value, or remove it");
        return own;
    }

    public T? Wrong<T>(string key, ConfigValue found, string allowed)
    {
        Complain(key, $"{FullPath(key)} is {Describe(found)}; it must be {allowed}");
        return default;
    }

    private ConfigObject? ObjectOf(ConfigField? field, ConfigPath? above = null)
    {
        if (field?.Value is ConfigObject found) return found;
        if (field is { Value.Kind: not ConfigValueKind.Invalid })
            _report.Add(field.KeyOrigin, $"{(above ?? Path).Child(field.Key)} is {Describe(field.Value)}; it must be an object such as {field.Key} {{ key = value }}");
        return null;
    }

    /// <summary>
    /// HOCON merges an object that is written twice, which hides the mistake of giving two things one name. Within one file that is
    /// refused; another file may add to it, and so may a path such as <c>servers.server1.addresses = ...</c>.
    /// </summary>
    private void ReportDoubles(ConfigField field, string kind)
    {
        foreach (var file in field.Definitions.Where(d => d is { IsWritten: true, IsObject: true }).GroupBy(d => d.KeyOrigin.File))
        {
            var lines = file.Select(d => d.KeyOrigin).OrderBy(o => o.Line).ToList();
            foreach (var again in lines.Skip(1))
                _report.Add(again, $"{kind} '{field.Key}' is written twice (first in line {lines[0].Line}); names must differ, rename or remove one");
        }
    }
}

/// <summary>A section with the name it was given in the file.</summary>
internal sealed record NamedSection(string Name, Section Section);
