using System.Globalization;
using ClusterActors.Hocon;
using ClusterActors.Model.Resources;

namespace ClusterActors.Configuration.Binding;

/// <summary>A resource type's own keys, checked and converted as its description says.</summary>
internal static class ParameterBinder
{
    public static ResourceParameters Bind(Section section, ResourceTypeDescription type)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var parameter in type.Parameters)
        {
            var field = section.Written?.Field(parameter.Key);
            var written = field is { Value.Kind: not ConfigValueKind.Null } ? field.Value : null;
            if (written is { Kind: ConfigValueKind.Invalid }) continue;
            if (written is null && parameter.Required)
            {
                section.Complain(parameter.Key, $"{section.FullPath(parameter.Key)} is {(field is null ? "missing" : "null")}; a resource of type {type.Type} needs it: {Allowed(parameter)}");
                continue;
            }

            var value = written ?? Default(parameter);
            if (value is null) continue;
            if (Convert(parameter, value, out var problem) is { } converted) values.Add(parameter.Key, converted);
            else section.Complain(parameter.Key, $"{section.FullPath(parameter.Key)} is {Section.Describe(value)}; {problem}");
        }

        return new ResourceParameters(values);
    }

    /// <summary>What a parameter may be, as the end of a sentence; also for reference text.</summary>
    public static string Allowed(ParameterDescription parameter) => parameter.Kind switch
    {
        ParameterKind.Text => "a text",
        ParameterKind.Integer => $"a whole number{Range(parameter, n => n.ToString(CultureInfo.InvariantCulture))}",
        ParameterKind.Boolean => "true or false",
        ParameterKind.Duration => $"{ConfigUnits.DurationForms}{Range(parameter, n => Words.Duration(TimeSpan.FromMilliseconds(n)))}",
        ParameterKind.Size => $"{ConfigUnits.SizeForms}{Range(parameter, Words.Size)}",
        ParameterKind.TextList => "a text, or a list of texts such as [/path/program, argument]",
        ParameterKind.Choice => $"one of {Words.List(parameter.Allowed ?? [])}",
        ParameterKind.AddressWithPrefix => "an IP address with prefix length such as 10.0.0.100/24 or \"fd00::100/64\"",
        _ => "an object of texts such as { NAME = value }",
    };

    private static string Range(ParameterDescription parameter, Func<long, string> text) => (parameter.Minimum, parameter.Maximum) switch
    {
        (null, null) => "",
        ({ } low, null) => $", at least {text(low)}",
        (null, { } high) => $", at most {text(high)}",
        ({ } low, { } high) => $", {text(low)} to {text(high)}",
    };

    /// <summary>Defaults are written in the description as they would be in cluster.conf, and read the same way.</summary>
    private static ConfigValue? Default(ParameterDescription parameter) =>
        parameter.Default is null ? null : Config.Parse($"default = {parameter.Default}", $"default of {parameter.Key}").Find("default");

    private static object? Convert(ParameterDescription parameter, ConfigValue value, out string problem)
    {
        problem = $"it must be {Allowed(parameter)}";
        var text = value is ConfigScalar { Text.Length: > 0 } scalar ? scalar.Text : null;
        switch (parameter.Kind)
        {
            case ParameterKind.Text:
                return text;
            case ParameterKind.Integer:
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && IsInRange(parameter, number) ? number : null;
            case ParameterKind.Boolean:
                return text switch { "true" or "yes" or "on" => true, "false" or "no" or "off" => false, _ => null };
            case ParameterKind.Duration:
                var isDuration = ConfigUnits.TryParseDuration(text ?? "", isUnitRequired: true, out var duration, out _);
                return isDuration && IsInRange(parameter, duration.TotalMilliseconds) ? duration : null;
            case ParameterKind.Size:
                return ConfigUnits.TryParseBytes(text ?? "", isUnitRequired: true, out var bytes, out _) && IsInRange(parameter, bytes) ? bytes : null;
            case ParameterKind.TextList:
                if (text?.Any(char.IsWhiteSpace) != true) return text is not null ? [text] : TextList(value);
                problem = $"a text is one path; write arguments in a list: {parameter.Key} = [{string.Join(", ", text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}]";
                return null;
            case ParameterKind.Choice:
                if (text is not null && parameter.Allowed?.Contains(text) == true) return text;
                if (text is not null) problem += Words.DidYouMean(text, parameter.Allowed ?? []);
                return null;
            case ParameterKind.AddressWithPrefix:
                return AddressWithPrefix.TryParse(text ?? "", out _, out _) ? text : null;
            default:
                return TextMap(value);
        }
    }

    private static bool IsInRange(ParameterDescription parameter, double number) =>
        number >= (parameter.Minimum ?? double.MinValue) && number <= (parameter.Maximum ?? double.MaxValue);

    private static IReadOnlyList<string>? TextList(ConfigValue value)
    {
        if (value is not ConfigList { Elements.IsEmpty: false } list) return null;
        var texts = new List<string>();
        foreach (var element in list.Elements)
        {
            if (element is not ConfigScalar { Kind: not (ConfigValueKind.Null or ConfigValueKind.Invalid) } scalar) return null;
            texts.Add(scalar.Text);
        }

        return texts;
    }

    private static Dictionary<string, string>? TextMap(ConfigValue value)
    {
        if (value is not ConfigObject fields || fields.Fields.Any(f => f.Value is not ConfigScalar { Kind: not ConfigValueKind.Null })) return null;
        return fields.Fields.ToDictionary(f => f.Key, f => ((ConfigScalar)f.Value).Text, StringComparer.Ordinal);
    }
}
