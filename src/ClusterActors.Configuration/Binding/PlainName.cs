using ClusterActors.Hocon;

namespace ClusterActors.Configuration.Binding;

/// <summary>Names that an administrator gives to groups, resources, heartbeats and arbiters: they stand in commands, logs, files and variables.</summary>
internal static class PlainName
{
    public static void Check(string name, string kind, Origin origin, BindingReport report)
    {
        if (name.Length is 0 or > 63 || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            report.Add(origin, $"{kind} name '{name}' cannot be used; 1 to 63 letters, digits, '-' or '_' are allowed, beginning with a letter or digit");
    }
}
