using System.Text.Json;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Pairs;

/// <summary>One line of a server's event journal.</summary>
public sealed record EventEntry(string Module, int Id, string Level, string Text)
{
    public override string ToString() => $"{Module} {Id} {Level}: {Text}";
}

/// <summary>The event journal as it lies on a server's disk, so it can be read while the server is down or hung.</summary>
public static class EventFile
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>All events, oldest first; none while the file is not there. A last line without its end is still being written.</summary>
    public static IReadOnlyList<EventEntry> Read(LabCluster lab, string server)
    {
        var file = lab.PathOf(server, "/var/log/clp/events.jsonl");
        if (!File.Exists(file))
            return [];
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n')[..^1].Select(line => JsonSerializer.Deserialize<EventEntry>(line, Json)!)];
    }
}
