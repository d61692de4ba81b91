using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters.Etcd;

/// <summary>Requests and answers of etcd's JSON gateway (v3): keys and values in base64, 64-bit numbers as text.</summary>
internal static class EtcdJson
{
    /// <summary>One transaction: compare and put when a change is given, and in both branches read everything under the prefix.</summary>
    public static string Transaction(string prefix, StoreChange? change)
    {
        var compare = new JsonArray();
        var success = new JsonArray();
        foreach (var (key, version) in change?.Compare ?? new Dictionary<string, long>())
            compare.Add((JsonNode)new JsonObject
            {
                ["key"] = Encode(prefix + key),
                ["target"] = "MOD",
                ["result"] = "EQUAL",
                // An absent key compares as revision 0.
                ["modRevision"] = version.ToString(CultureInfo.InvariantCulture),
            });
        foreach (var (key, value) in change?.Put ?? new Dictionary<string, string>())
            success.Add((JsonNode)new JsonObject { ["requestPut"] = new JsonObject { ["key"] = Encode(prefix + key), ["value"] = Encode(value) } });
        success.Add((JsonNode)Range(prefix));
        return new JsonObject { ["compare"] = compare, ["success"] = success, ["failure"] = new JsonArray(Range(prefix)) }.ToJsonString();
    }

    /// <exception cref="JsonException">The answer is not one of etcd's.</exception>
    public static StoreAnswer Answer(string prefix, string body, bool hadChange)
    {
        try
        {
            var root = JsonNode.Parse(body)!.AsObject();
            var header = root["header"]!;
            var entries = new Dictionary<string, StoreEntry>(StringComparer.Ordinal);
            foreach (var found in root["responses"]!.AsArray().Select(r => r!["response_range"]).OfType<JsonNode>())
                foreach (var pair in found["kvs"]?.AsArray() ?? [])
                    entries[Decode(pair!["key"])[prefix.Length..]] = new(Decode(pair["value"]), Number(pair["mod_revision"]));
            var applied = hadChange && root["succeeded"]?.GetValue<bool>() == true;
            return new(applied, entries, new StoreStamp(header["cluster_id"]!.GetValue<string>(), Number(header["revision"])), null);
        }
        catch (Exception wrong) when (wrong is NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new JsonException($"not an answer of etcd: {wrong.Message}", wrong);
        }
    }

    private static JsonObject Range(string prefix) =>
        new() { ["requestRange"] = new JsonObject { ["key"] = Encode(prefix), ["rangeEnd"] = Encode(EndOf(prefix)) } };

    /// <summary>etcd's way to say "all keys with this prefix": the prefix with its last byte one higher.</summary>
    private static string EndOf(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Decode(JsonNode? text) => text is null ? "" : Encoding.UTF8.GetString(Convert.FromBase64String(text.GetValue<string>()));

    private static long Number(JsonNode? text) => long.Parse(text!.GetValue<string>(), CultureInfo.InvariantCulture);
}
