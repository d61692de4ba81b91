using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Cluster.Events;
using ClusterActors.Model;
using ClusterActors.Model.Events;

namespace ClusterActors.Node.Events;

/// <summary>An event as one line of JSON. Names are an interface: tools read this file.</summary>
internal sealed record EventLine(
    string EventId, string? CauseId, string Module, int Id, string Level, string Time, string Server, string Term, IReadOnlyList<EventParameter> Parameters, string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventLine))]
internal sealed partial class EventLineJson : JsonSerializerContext;

/// <summary>
/// The event journal's file: one JSON object a line, turned over at 4 MiB with one older generation (about 10,000 events each). A line
/// that cannot be read (power loss in the middle of a write) is left out. A full disk loses events, never the daemon: lost ones are counted
/// and the count is written as soon as there is room.
/// </summary>
internal sealed class JsonLinesEventSink(string path, Action<string> log) : IEventSink
{
    private const long TurnOverBytes = 4 * 1024 * 1024;
    private long _lost;

    public void Write(ClusterEvent raised, EventDefinition definition)
    {
        var line = new EventLine(raised.EventId, raised.CauseId, raised.Key.Module, raised.Key.Id, raised.Level.ToString(),
            raised.Time.ToString("O", CultureInfo.InvariantCulture), raised.Server.Value, raised.Term.ToString(), raised.Parameters,
            raised.Render(EventCatalogue.Default, EventLanguage.English));
        try
        {
            TurnOver();
            File.AppendAllText(path, JsonSerializer.Serialize(line, EventLineJson.Default.EventLine) + "\n");
            if (_lost > 0)
                log($"event file {path}: writable again; {_lost} events were not written");
            _lost = 0;
        }
        catch (IOException e)
        {
            if (_lost++ == 0)
                log($"event file {path}: {e.Message}; events are shown but not kept until there is room");
        }
    }

    public IReadOnlyList<ClusterEvent> ReadTail(int max) =>
        [.. new[] { path + ".1", path }.Where(File.Exists).SelectMany(File.ReadLines).TakeLast(max).Select(Read).OfType<ClusterEvent>()];

    private void TurnOver()
    {
        var file = new FileInfo(path);
        if (file.Exists && file.Length > TurnOverBytes)
            file.MoveTo(path + ".1", overwrite: true);
    }

    private static ClusterEvent? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, EventLineJson.Default.EventLine) is { } line ? ToEvent(line) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    private static ClusterEvent ToEvent(EventLine line)
    {
        var term = line.Term.Split('.');
        return new(line.EventId, line.CauseId, new EventKey(line.Module, line.Id), Enum.Parse<EventLevel>(line.Level),
            DateTimeOffset.Parse(line.Time, CultureInfo.InvariantCulture), new ServerName(line.Server),
            new Term(ulong.Parse(term[0], CultureInfo.InvariantCulture), int.Parse(term[1], CultureInfo.InvariantCulture)),
            [.. line.Parameters]);
    }
}
