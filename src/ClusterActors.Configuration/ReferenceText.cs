using System.Text;
using ClusterActors.Configuration.Binding;
using ClusterActors.Model.Resources;

namespace ClusterActors.Configuration;

/// <summary>Reference text of a resource type, from the description that validation uses too.</summary>
public static class ReferenceText
{
    private const int Width = 100;

    /// <summary>What <c>clp config reference TYPE</c> prints: a resource of the type with every key, its meaning and its default.</summary>
    public static string For(ResourceTypeDescription type)
    {
        var text = new StringBuilder();
        Comment(text, "", $"{type.Type}: {type.Summary}");
        Comment(text, "", $"Needs: {type.Privileges}.");
        text.Append($"NAME {{\n  type = {type.Type}\n");
        Comment(text.Append('\n'), "  ", $"Further tries after a start that failed, and restarts after a failure while running.");
        text.Append($"  start-retries = {type.DefaultStartRetries}\n  restarts = {type.DefaultRestarts}\n");
        foreach (var parameter in type.Parameters)
        {
            text.Append('\n');
            Comment(text, "  ", $"{parameter.Documentation} Allowed: {ParameterBinder.Allowed(parameter)}.{(parameter.Required ? " Must be written." : "")}");
            text.Append($"  {parameter.Key} = {parameter.Default ?? "null"}\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>What a key may be, in words.</summary>
    public static string Allowed(ParameterDescription parameter) => ParameterBinder.Allowed(parameter);

    private static void Comment(StringBuilder text, string indent, string sentence)
    {
        var line = new StringBuilder(indent).Append('#');
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length + 1 + word.Length > Width)
            {
                text.Append(line).Append('\n');
                line = new StringBuilder(indent).Append('#');
            }

            line.Append(' ').Append(word);
        }

        text.Append(line).Append('\n');
    }
}
