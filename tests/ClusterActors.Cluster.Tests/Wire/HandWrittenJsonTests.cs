using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterActors.Cluster.Groups;
using ClusterActors.Cluster.Wire;
using ClusterActors.Cluster.Wishes;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Cluster.Tests.Wire;

/// <summary>The converters by hand and the framework's own contracts make and read the same JSON, so releases with either understand each other.</summary>
public sealed class HandWrittenJsonTests
{
    private static readonly JsonSerializerOptions Framework = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static TheoryData<object> Values()
    {
        var values = new TheoryData<object>();
        foreach (var record in Records())
        {
            values.Add(new GroupRecordWritten(record, new Incarnation(ulong.MaxValue, uint.MaxValue)));
            values.Add(new StartGroupOrder(7, new GroupName("g"), new Term(2, 1), 3, StartCause.Failover, "r") { By = new ServerName("a"), Seen = record });
            values.Add(Report([new GroupReport(record, true, [.. Enum.GetValues<ResourceState>().Select(s => new ResourceStatus(new ResourceName("r"), "exec", s, 2, "pid 1"))])]));
        }

        foreach (var cause in Enum.GetValues<StartCause>().Append((StartCause)99))
            values.Add(new StartGroupOrder(long.MaxValue, new GroupName("g"), new Term(2, 1), -3, cause, "wéb \"1\"") { Under = 4, CauseId = "server1-19a-7" });
        values.Add(new StopGroupOrder(8, new GroupName("g"), new Term(2, 1), true, "r"));
        values.Add(new StopGroupOrder(8, new GroupName("g"), new Term(2, 1), false, "r") { By = new("a"), Under = 4, CauseId = "server1-19a-7", Seen = GroupRecord.Initial(new("g")) });
        values.Add(new OrderReply(9, new GroupName("g"), true, ""));
        values.Add(new OrderReply(9, new GroupName("g"), false, "line\nbreak"));
        values.Add(new AdminCommand("1-2", AdminVerb.Move, new GroupName("wéb"), new ServerName("b"), 90.5, true, "why \"so\"", "uid 0"));
        foreach (var verb in Enum.GetValues<AdminVerb>().Append((AdminVerb)99))
            values.Add(new AdminCommand("1-2", verb, null, null, 0.1 + 0.2, false, "", "uid 0"));
        values.Add(Report([new GroupReport(GroupRecord.Initial(new GroupName("g")), true, []) { StartingIn = new Term(3, 2) }]));
        values.Add(Report([]) with { Out = [new ServerName("b"), new ServerName("c")], Wishes = Wishes() });
        values.Add(Report([]) with { Life = 5, Decides = true, Meets = [new("a"), new("b")], Follows = new Following(new ServerName("b"), 4, 3) });
        values.Add(Report([]) with { Decides = false, Follows = new Following(null, 0, 3) });
        values.Add(Report([]) with { Out = [new ServerName("b")], OutCauses = [new OutCause(new ServerName("b"), "server1-19a-8"), new OutCause(new ServerName("c"), "server1-19a-9")] });
        values.Add(Report([]) with { Leaving = true, LeavingCauseId = "server1-19a-7" });
        values.Add(new WishesWritten(Wishes()));
        values.Add(new WishesWritten(Wishes() with { Servers = [new ServerWish(new ServerName("s"), ServerMode.Standby, "why") { CauseId = "server1-19a-7" }] }));
        values.Add(new WishesWritten(Wishes() with { SuspendedCauseId = "server1-19a-7", RatioCauseId = "server2-19b-8" }));
        values.Add(new WishesWritten(ClusterWishes.None));
        return values;
    }

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void Both_write_the_same(object value)
    {
        Assert.Equal(JsonSerializer.Serialize(value, value.GetType(), Framework), Written(value));
    }

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void What_was_written_is_read_back(object value)
    {
        var json = Written(value);
        Assert.Equal(json, Written(Read(json, value.GetType())!));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""null""")]
    [InlineData("""{"Record":null}""")]
    [InlineData("""{"Guardian":{"StartCounter":4,"New":{"a":[1,{"b":2}]},"BootId":3}}""")]
    [InlineData("""{"Record":{"Reason":"old","Group":{"Value":"g"},"Later":[{"x":1}],"State":"online","Wish":2,"Owner":null,"FailedOn":[{"Value":"a"},{"Value":"b","More":1}],"Reason":"new"}}""")]
    [InlineData("""{"Record":{"FailedOn":null,"Reason":null,"State":99,"WishedServer":{}}}""")]
    public void Missing_unknown_doubled_and_null_members_are_read_as_by_the_framework(string json)
    {
        var expected = JsonSerializer.Serialize(Canonical(JsonSerializer.Deserialize<GroupRecordWritten>(json, Framework)), Framework);
        Assert.Equal(expected, WithoutNobody(JsonSerializer.Serialize(Canonical((GroupRecordWritten?)Read(json, typeof(GroupRecordWritten))), Framework)));
    }

    [Theory]
    [InlineData("Start", """{}""")]
    [InlineData("Start", """{"Cause":"failover","Later":{"x":[1]},"Term":{"Number":3},"OrderId":5,"OrderId":6,"By":null,"Under":null,"CauseId":null,"Seen":null,"Reason":null}""")]
    [InlineData("Start", """{"Cause":2,"By":{"Value":"a","More":1},"Under":7,"Seen":{"Group":{"Value":"g"},"FailedOn":[]}}""")]
    [InlineData("Stop", """{}""")]
    [InlineData("Stop", """{"Force":true,"New":[{}],"Group":{"Value":"g"},"Under":7,"Reason":"old","Reason":"new"}""")]
    [InlineData("Command", """{}""")]
    [InlineData("Command", """{"Group":null,"Server":null,"Reason":null,"Caller":null,"Verb":1,"More":[{}],"WaitSeconds":1e2,"CommandId":"a","CommandId":"b"}""")]
    [InlineData("Command", """{"Group":{"Value":"g","More":1},"Server":{},"DryRun":true,"Verb":"start"}""")]
    [InlineData("Reply", """{}""")]
    [InlineData("Reply", """{"Sentence":null,"Accepted":true,"More":{"Accepted":false},"OrderId":3}""")]
    public void Orders_of_other_releases_are_read_as_by_the_framework(string order, string json)
    {
        var type = TypeOf(order);
        Assert.Equal(
            JsonSerializer.Serialize(JsonSerializer.Deserialize(json, type, Framework), type, Framework),
            WithoutNobody(JsonSerializer.Serialize(Read(json, type), type, Framework)));
    }

    [Theory]
    [InlineData("Start", """{"OrderId":"5"}""")]
    [InlineData("Start", """{"Cause":"Sideways"}""")]
    [InlineData("Start", """{"Term":null}""")]
    [InlineData("Start", """{"Under":1.5}""")]
    [InlineData("Stop", """{"Force":null}""")]
    [InlineData("Stop", """{"Seen":[]}""")]
    [InlineData("Command", """{"Verb":null}""")]
    [InlineData("Command", """{"Group":"g"}""")]
    [InlineData("Command", """{"WaitSeconds":"1"}""")]
    [InlineData("Command", """{"DryRun":null}""")]
    [InlineData("Reply", """{"Accepted":1}""")]
    [InlineData("Reply", """[]""")]
    public void Orders_that_the_framework_refuses_are_refused(string order, string json)
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, TypeOf(order), Framework));
        Assert.Throws<JsonException>(() => Read(json, TypeOf(order)));
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{"Record":3}""")]
    [InlineData("""{"Guardian":null}""")]
    [InlineData("""{"Guardian":{"BootId":-1}}""")]
    [InlineData("""{"Record":{"Term":null}}""")]
    [InlineData("""{"Record":{"Group":"g"}}""")]
    [InlineData("""{"Record":{"State":"Sideways"}}""")]
    [InlineData("""{"Record":{"State":null}}""")]
    [InlineData("""{"Record":{"Generation":"4"}}""")]
    [InlineData("""{"Record":{"Reason":4}}""")]
    [InlineData("""{"Record":{"FailedOn":{}}}""")]
    [InlineData("""{"Record":{"Failovers":1""")]
    public void What_the_framework_refuses_is_refused(string json)
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<GroupRecordWritten>(json, Framework));
        Assert.Throws<JsonException>(() => Read(json, typeof(GroupRecordWritten)));
    }

    /// <summary>Where the framework leaves null, which would end the actor that looks it up, there is a name that nothing has.</summary>
    [Theory]
    [InlineData("Start")]
    [InlineData("Stop")]
    [InlineData("Reply")]
    public void Missing_name_must_be_nobodys(string order)
    {
        var read = Read("{}", TypeOf(order));
        var group = read switch { StartGroupOrder start => start.Group, StopGroupOrder stop => stop.Group, _ => ((OrderReply)read!).Group };
        Assert.False(new Dictionary<GroupName, int> { [new GroupName("g")] = 1 }.ContainsKey(group));
    }

    private static string WithoutNobody(string json) => json.Replace("\"Group\":{},", "", StringComparison.Ordinal);

    private static Type TypeOf(string order) => order switch
    {
        "Start" => typeof(StartGroupOrder),
        "Stop" => typeof(StopGroupOrder),
        "Command" => typeof(AdminCommand),
        _ => typeof(OrderReply),
    };

    /// <summary>A record without a list of failures cannot answer what is computed from it.</summary>
    private static GroupRecordWritten? Canonical(GroupRecordWritten? written) =>
        written?.Record is { FailedOn: null } record ? written with { Record = record with { FailedOn = [] } } : written;

    private static string Written(object value) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), ClusterJson.Default));

    private static object? Read(string json, Type type) => JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(json), type, ClusterJson.Default);

    private static IEnumerable<GroupRecord> Records()
    {
        var initial = GroupRecord.Initial(new GroupName("wéb \"1\" <&>"));
        yield return initial;
        foreach (var state in Enum.GetValues<GroupState>())
            yield return initial with { State = state, Owner = new ServerName("server1"), Term = new Term(ulong.MaxValue, 3), Generation = long.MaxValue, Reason = "line\nbreak" };
        foreach (var wish in Enum.GetValues<GroupWish>())
            yield return initial with { Wish = wish, WishedServer = new ServerName("server2"), WishTerm = new Term(4, 1), WishGeneration = 5, Failovers = 2 };
        yield return initial with { Term = new Term(3, 0), Generation = 4, FailedOn = [new ServerName("a"), new ServerName("b")], ForgivenTerm = new Term(2, 1), ForgivenGeneration = 9 };
        yield return initial with { State = GroupState.OnlineFailure, FoundActive = "10.0.0.100 \"x\"" };
        yield return initial with { CauseId = "server2-19a-1", WishCauseId = "server1-19b-12" };
        yield return initial with { State = (GroupState)99 };
    }

    private static ServerReport Report(IReadOnlyList<GroupReport> groups) => new(
        new ServerName("server1"), new Incarnation(1, 2), new Term(3, 1), "hash", 12, true, false, "Held", groups,
        [new HeardChannel("public", new ServerName("server2"), "Normal")]);

    private static ClusterWishes Wishes() => new(
        new Term(1, 1), 7, true, 30, new DateTimeOffset(2026, 11, 26, 12, 0, 0, 123, TimeSpan.FromHours(1)),
        [.. Enum.GetValues<ServerMode>().Select(mode => new ServerWish(new ServerName("s"), mode, "why"))]);
}
