using System.Globalization;
using System.Text;
using System.Text.Json;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Model.Events;
using ClusterActors.Model.Explain;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp explain rc 10</c> from the catalogue in this program, <c>clp explain group G</c> from the daemon.</summary>
internal static class ExplainCommand
{
    public static Task<ExitCode> RunAsync(Invocation invocation) =>
        invocation.Operands is ["group", var group] ? GroupAsync(invocation, group) : Task.FromResult(Event(invocation));

    private static async Task<ExitCode> GroupAsync(Invocation invocation, string group)
    {
        using var api = Api.Open(invocation);
        var answer = await api.GetAsync(Routes.GroupExplain(group)).ConfigureAwait(false);
        if (api.PrintedAsJson(answer))
            return ExitCode.Done;
        var explanation = answer.Read(ControlJson.Default.GroupExplanation);
        var text = new StringBuilder().Append(explanation.Group).Append(": ").Append(explanation.Summary).Append('\n');
        foreach (var fact in explanation.Facts)
            text.Append("  - ").Append(fact).Append('\n');
        foreach (var item in explanation.Events)
            text.Append("  ").Append(EventsCommand.LineOf(item)).Append('\n');
        await invocation.Host.Out.WriteAsync(text.ToString()).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static ExitCode Event(Invocation invocation)
    {
        var language = invocation.Text("lang") switch
        {
            null or "en" => EventLanguage.English,
            "ja" => EventLanguage.Japanese,
            var other => throw new UsageException($"clp explain: --lang {other}: must be en or ja", invocation.Command),
        };
        var (catalogue, module) = (EventCatalogue.Default, invocation.Operands[0]);
        if (!catalogue.Modules.Contains(module))
            throw new ControlException(ExitCode.NotFound, $"clp explain: there is no module {module}; there are {string.Join(", ", catalogue.Modules)}, and group GROUP");
        if (invocation.Operands.Count == 1)
        {
            invocation.Host.Out.Write(invocation.Has("json") ? Json(catalogue.All.Where(entry => entry.Key.Module == module), language) : catalogue.ExplainModule(module, language));
            return ExitCode.Done;
        }

        if (!int.TryParse(invocation.Operands[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw new UsageException($"clp explain {module} {invocation.Operands[1]}: the second word must be the event's number", invocation.Command);
        var found = catalogue.Find(module, id) ?? throw new ControlException(ExitCode.NotFound, $"there is no event {module} {id}; clp explain {module} lists the module");
        invocation.Host.Out.Write(invocation.Has("json") ? Json([found], language) : catalogue.Explain(module, id, language));
        return ExitCode.Done;
    }

    private static string Json(IEnumerable<EventDefinition> entries, EventLanguage language)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var entry in entries)
            {
                json.WriteStartObject();
                json.WriteString("module", entry.Key.Module);
                json.WriteNumber("id", entry.Key.Id);
                json.WriteString("name", entry.Name);
                json.WriteString("level", entry.Level.ToString());
                json.WriteString("text", entry.Text.In(language).Source);
                json.WriteString("meaning", entry.Meaning.In(language));
                if (entry.Remedy is { } remedy)
                    json.WriteString("remedy", remedy.In(language));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }
}
