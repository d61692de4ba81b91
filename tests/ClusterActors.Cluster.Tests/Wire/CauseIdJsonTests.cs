using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Wire;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Tests.Wire;

/// <summary>Releases that know causes and releases that do not understand each other: the members are new, optional and passed over by who does not know them.</summary>
public sealed class CauseIdJsonTests
{
    private const string Start = """{"OrderId":7,"Group":{"Value":"g"},"Term":{"Number":2,"ServerIndex":1},"Generation":3,"Cause":"Failover","Reason":"r"}""";
    private const string Stop = """{"OrderId":7,"Group":{"Value":"g"},"Term":{"Number":2,"ServerIndex":1},"Force":true,"Reason":"r"}""";
    private const string MakeSafe = """{"OrderId":7,"Group":{"Value":"g"},"Action":"StopDaemon","Reason":"r"}""";
    private static readonly GroupName Group = new("g");

    [Fact]
    public void Orders_without_a_cause_must_be_the_bytes_of_the_release_before()
    {
        Assert.Equal(Start, Written(new StartGroupOrder(7, Group, new Term(2, 1), 3, StartCause.Failover, "r"), ClusterJson.Default.StartGroupOrder));
        Assert.Equal(Stop, Written(new StopGroupOrder(7, Group, new Term(2, 1), true, "r"), ClusterJson.Default.StopGroupOrder));
        Assert.Equal(MakeSafe, Written(new MakeSafeOrder(7, Group, FinalAction.StopDaemon, "r"), ClusterJson.Default.MakeSafeOrder));
    }

    [Fact]
    public void Orders_of_the_release_before_must_have_no_cause()
    {
        Assert.Null(Read(Start, ClusterJson.Default.StartGroupOrder).CauseId);
        Assert.Null(Read(Stop, ClusterJson.Default.StopGroupOrder).CauseId);
        Assert.Null(Read(MakeSafe, ClusterJson.Default.MakeSafeOrder).CauseId);
    }

    [Fact]
    public void Orders_must_carry_their_cause()
    {
        var start = Written(Read(Start, ClusterJson.Default.StartGroupOrder) with { CauseId = "a-1-2" }, ClusterJson.Default.StartGroupOrder);
        Assert.Equal(With(Start, "\"CauseId\":\"a-1-2\""), start);
        Assert.Equal("a-1-2", Read(start, ClusterJson.Default.StartGroupOrder).CauseId);
        Assert.Equal("a-1-2", Read(With(Stop, "\"CauseId\":\"a-1-2\""), ClusterJson.Default.StopGroupOrder).CauseId);
        Assert.Equal("a-1-2", Read(With(MakeSafe, "\"CauseId\":\"a-1-2\""), ClusterJson.Default.MakeSafeOrder).CauseId);
    }

    [Fact]
    public void Stored_record_without_causes_must_be_the_bytes_of_the_release_before_and_behind_them_come_the_causes()
    {
        var record = GroupRecord.Initial(Group);
        var before = Written(new GroupRecordWritten(record, new Incarnation(1, 2)), ClusterJson.Default.GroupRecordWritten);
        Assert.DoesNotContain("CauseId", before, StringComparison.Ordinal);
        var now = Written(new GroupRecordWritten(record with { CauseId = "a-1-2", WishCauseId = "b-3-4" }, new Incarnation(1, 2)), ClusterJson.Default.GroupRecordWritten);
        Assert.Equal(now.Replace(",\"CauseId\":\"a-1-2\",\"WishCauseId\":\"b-3-4\"", "", StringComparison.Ordinal), before);
        Assert.Equal(("a-1-2", "b-3-4"), Read(now, ClusterJson.Default.GroupRecordWritten).Record is { } read ? (read.CauseId, read.WishCauseId) : default);
    }

    [Fact]
    public void Report_must_tell_why_others_are_out_behind_what_the_release_before_wrote_and_be_read_without_it()
    {
        var report = new ServerReport(new("a"), new(1, 2), new(3, 1), "hash", 12, true, false, "Held", [], []) { Out = [new("b")] };
        var before = Written(report, ClusterJson.Default.ServerReport);
        Assert.DoesNotContain("CauseId", before, StringComparison.Ordinal);
        Assert.Null(Read(before, ClusterJson.Default.ServerReport).OutCauses);
        var now = Written(report with { OutCauses = [new(new("b"), "a-1-2")] }, ClusterJson.Default.ServerReport);
        Assert.Equal(With(before, "\"OutCauses\":[{\"Server\":{\"Value\":\"b\"},\"CauseId\":\"a-1-2\"}]"), now);
        Assert.Equal([new OutCause(new("b"), "a-1-2")], Read(now, ClusterJson.Default.ServerReport).OutCauses);
        Assert.Equal([new OutCause(new("b"), "a-1-2")], Read(now.Replace("\"CauseId\"", "\"More\":[1],\"CauseId\"", StringComparison.Ordinal), ClusterJson.Default.ServerReport).OutCauses);
    }

    [Fact]
    public void Stored_wishes_without_causes_must_be_the_bytes_of_the_release_before_and_behind_them_come_the_causes()
    {
        const string Before = """{"Wishes":{"Term":{"Number":1,"ServerIndex":0},"Generation":7,"Suspended":true,"Ratio":1,"Servers":[]}}""";
        var wishes = new ClusterWishes(new(1, 0), 7, true, 1, null, []);
        Assert.Equal(Before, Written(new WishesWritten(wishes), ClusterJson.Default.WishesWritten));
        Assert.Null(Read(Before, ClusterJson.Default.WishesWritten).Wishes.SuspendedCauseId);
        var now = Written(new WishesWritten(wishes with { SuspendedCauseId = "a-1-2", RatioCauseId = "b-3-4" }), ClusterJson.Default.WishesWritten);
        Assert.Equal(Before.Replace("[]", "[],\"SuspendedCauseId\":\"a-1-2\",\"RatioCauseId\":\"b-3-4\"", StringComparison.Ordinal), now);
        Assert.Equal(("a-1-2", "b-3-4"), Read(now, ClusterJson.Default.WishesWritten).Wishes is { } read ? (read.SuspendedCauseId, read.RatioCauseId) : default);
    }

    private static string With(string json, string member) => $"{json[..^1]},{member}}}";

    private static string Written<T>(T value, JsonTypeInfo<T> contract) => JsonSerializer.Serialize(value, contract);

    private static T Read<T>(string json, JsonTypeInfo<T> contract) => JsonSerializer.Deserialize(json, contract)!;
}
