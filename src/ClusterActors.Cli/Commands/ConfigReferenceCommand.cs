using ClusterActors.Cli.Parsing;
using ClusterActors.Configuration;
using ClusterActors.Control;
using ClusterActors.Model.Resources;
using ClusterActors.Resources;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp config reference --json</c>.</summary>
internal sealed record ConfigReferenceJson(IReadOnlyList<ReferenceKey> Keys);

/// <summary><c>clp config reference TYPE --json</c>.</summary>
internal sealed record TypeReferenceJson(
    string Type, string Summary, string Privileges, int DefaultStartRetries, int DefaultRestarts, IReadOnlyList<TypeKeyJson> Keys);

/// <param name="Default">As it would be written; null = none.</param>
/// <param name="Allowed">In words.</param>
internal sealed record TypeKeyJson(string Key, string? Default, bool Required, string Allowed, string Meaning);

/// <summary><c>clp config reference [TYPE]</c>: from the same descriptions that validation uses.</summary>
internal static class ConfigReferenceCommand
{
    public static Task<ExitCode> RunAsync(Invocation invocation)
    {
        if (invocation.Operand is not { } type)
        {
            invocation.AnswerText(static () => new ConfigReferenceJson(ReferenceKey.All()), CliJson.Default.ConfigReferenceJson, static () => Reference.Text);
            return Task.FromResult(ExitCode.Done);
        }

        if (ResourceTypes.All.FirstOrDefault(t => t.Description.Type == type) is not { Description: var found })
        {
            throw new ControlException(
                ExitCode.NotFound, $"clp config reference: there is no resource type {type}; there are {string.Join(", ", ResourceTypes.All.Select(t => t.Description.Type))}");
        }

        invocation.AnswerText(() => Json(found), CliJson.Default.TypeReferenceJson, () => Configuration.ReferenceText.For(found));
        return Task.FromResult(ExitCode.Done);
    }

    private static TypeReferenceJson Json(ResourceTypeDescription type) => new(
        type.Type, type.Summary, type.Privileges, type.DefaultStartRetries, type.DefaultRestarts,
        [.. type.Parameters.Select(p => new TypeKeyJson(p.Key, p.Default, p.Required, Configuration.ReferenceText.Allowed(p), p.Documentation))]);
}
