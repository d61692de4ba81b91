using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClusterActors.Hocon;

public sealed partial class Config
{
    /// <summary>A string; numbers and booleans as written.</summary>
    public string GetString(string path) => Get(path, "a string", Convert.ToText);

    /// <summary>True or false; also yes, no, on, off.</summary>
    public bool GetBool(string path) => Get(path, "true or false", Convert.ToBool);

    /// <summary>A whole number of 32 bits.</summary>
    public int GetInt(string path) => Get(path, $"a whole number from {int.MinValue} to {int.MaxValue}", Convert.ToInt);

    /// <summary>A whole number of 64 bits.</summary>
    public long GetLong(string path) => Get(path, $"a whole number from {long.MinValue} to {long.MaxValue}", Convert.ToLong);

    /// <summary>A number.</summary>
    public double GetDouble(string path) => Get(path, "a number", Convert.ToDouble);

    /// <summary>A duration; a bare number is milliseconds unless the unit is required.</summary>
    public TimeSpan GetDuration(string path, bool isUnitRequired = false) =>
        GetUnit<TimeSpan>(path, ConfigUnits.DurationForms, isUnitRequired, ConfigUnits.TryParseDuration);

    /// <summary>A size in bytes; a bare number is bytes unless the unit is required.</summary>
    public long GetBytes(string path, bool isUnitRequired = false) => GetUnit<long>(path, ConfigUnits.SizeForms, isUnitRequired, ConfigUnits.TryParseBytes);

    /// <summary>A period; a bare number is days unless the unit is required.</summary>
    public ConfigPeriod GetPeriod(string path, bool isUnitRequired = false) =>
        GetUnit<ConfigPeriod>(path, ConfigUnits.PeriodForms, isUnitRequired, ConfigUnits.TryParsePeriod);

    /// <summary>A list, or an object whose keys are positions.</summary>
    public ImmutableArray<ConfigValue> GetList(string path)
    {
        var value = Require(path);
        return ListOf(value) ?? throw WrongType(path, value, "a list such as [a, b]");
    }

    /// <summary>A list of strings.</summary>
    public ImmutableArray<string> GetStringList(string path)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var element in GetList(path))
            texts.Add(element is ConfigScalar scalar && Convert.ToText(scalar) is { } text ? text : throw WrongType(path, element, "a list of strings", element.Origin));
        return texts.ToImmutable();
    }

    /// <summary>An object.</summary>
    public ConfigObject GetObject(string path)
    {
        var value = Require(path);
        return value as ConfigObject ?? throw WrongType(path, value, "an object such as { key = value }");
    }

    /// <summary>An object as a configuration of its own, which knows where it stands.</summary>
    public Config GetConfig(string path) => new(GetObject(path), Location.Join(ConfigPath.Parse(path)));

    /// <summary>False when missing or null.</summary>
    public bool TryGetString(string path, [MaybeNullWhen(false)] out string value) => Try(path, GetString, out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetBool(string path, out bool value) => Try(path, GetBool, out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetInt(string path, out int value) => Try(path, GetInt, out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetLong(string path, out long value) => Try(path, GetLong, out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetDouble(string path, out double value) => Try(path, GetDouble, out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetDuration(string path, out TimeSpan value) => Try(path, p => GetDuration(p), out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetBytes(string path, out long value) => Try(path, p => GetBytes(p), out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetPeriod(string path, out ConfigPeriod value) => Try(path, p => GetPeriod(p), out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetList(string path, out ImmutableArray<ConfigValue> value) => Try(path, GetList, out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetStringList(string path, out ImmutableArray<string> value) => Try(path, GetStringList, out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetObject(string path, [MaybeNullWhen(false)] out ConfigObject value) => Try(path, GetObject, out value);

    /// <summary>False when missing or null.</summary>
    public bool TryGetConfig(string path, [MaybeNullWhen(false)] out Config value) => Try(path, GetConfig, out value);

    private delegate bool UnitParser<T>(string text, bool isUnitRequired, out T value, out string problem);

    private bool Try<T>(string path, Func<string, T> get, [MaybeNullWhen(false)] out T value)
    {
        var isThere = Has(path);
        value = isThere ? get(path) : default;
        return isThere;
    }

    private ConfigValue Require(string path)
    {
        var parsed = ConfigPath.Parse(path);
        var value = Find(parsed);
        if (value is { Kind: not ConfigValueKind.Null }) return value;
        var full = Location.Join(parsed).ToString();
        throw new ConfigMissingException(OriginOf(parsed), full, value is null ? $"{full} is missing; add it" : $"{full} is null; give it a value");
    }

    private string FullPath(string path) => Location.Join(ConfigPath.Parse(path)).ToString();

    private T Get<T>(string path, string allowed, Func<ConfigScalar, T?> convert)
        where T : struct
    {
        var value = Require(path);
        return (value is ConfigScalar scalar ? convert(scalar) : null) ?? throw WrongType(path, value, allowed);
    }

    private string Get(string path, string allowed, Func<ConfigScalar, string?> convert)
    {
        var value = Require(path);
        return (value is ConfigScalar scalar ? convert(scalar) : null) ?? throw WrongType(path, value, allowed);
    }

    private T GetUnit<T>(string path, string forms, bool isUnitRequired, UnitParser<T> parse)
    {
        var value = Require(path);
        if (value is not ConfigScalar scalar || Convert.ToText(scalar) is not { } text) throw WrongType(path, value, forms);
        if (parse(text, isUnitRequired, out var parsed, out var problem)) return parsed;
        throw new ConfigTypeException(OriginOf(path), FullPath(path), $"{FullPath(path)}: {problem}");
    }

    private ConfigTypeException WrongType(string path, ConfigValue found, string allowed, Origin? origin = null) =>
        new(origin ?? OriginOf(path), FullPath(path), $"{FullPath(path)} is {Describe(found)}; it must be {allowed}");

    private static string Describe(ConfigValue value) => value switch
    {
        ConfigObject => "an object",
        ConfigList => "a list",
        ConfigScalar { Kind: ConfigValueKind.Invalid } => "unreadable",
        ConfigScalar { Kind: ConfigValueKind.String } scalar => $"the string \"{scalar.Text}\"",
        _ => $"{((ConfigScalar)value).Text}",
    };

    /// <summary>The conversions of the specification; null when there is none.</summary>
    private static class Convert
    {
        public static string? ToText(ConfigScalar scalar) => scalar.Kind is ConfigValueKind.Null or ConfigValueKind.Invalid ? null : scalar.Text;

        public static bool? ToBool(ConfigScalar scalar) => (scalar.Kind, scalar.Text) switch
        {
            (ConfigValueKind.Boolean or ConfigValueKind.String, "true" or "yes" or "on") => true,
            (ConfigValueKind.Boolean or ConfigValueKind.String, "false" or "no" or "off") => false,
            _ => null,
        };

        public static int? ToInt(ConfigScalar scalar) => ToLong(scalar) is >= int.MinValue and <= int.MaxValue and { } value ? (int)value : null;

        /// <summary>Whole numbers may be written as <c>1e3</c> or <c>5.0</c>, which JSON does not tell from 1000 and 5.</summary>
        public static long? ToLong(ConfigScalar scalar)
        {
            if (!IsNumber(scalar)) return null;
            if (long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
            return decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue
                ? (long)number
                : null;
        }

        public static double? ToDouble(ConfigScalar scalar) =>
            IsNumber(scalar) && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? number
                : null;

        private static bool IsNumber(ConfigScalar scalar) =>
            scalar.Kind == ConfigValueKind.Number
            || (scalar.Kind == ConfigValueKind.String && scalar.Text.Length > 0 && Syntax.Characters.NumberLength(scalar.Text, 0) == scalar.Text.Length);
    }
}
