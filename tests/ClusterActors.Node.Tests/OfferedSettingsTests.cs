using ClusterActors.Model;
using ClusterActors.Model.Guardian;
using ClusterActors.Node.Composition;
using ClusterActors.TestKit;

namespace ClusterActors.Node.Tests;

public sealed class OfferedSettingsTests
{
    private static readonly Reply Full = new(GuardianResult.Failed, "guardian settings could not be stored: no space left on device", []);
    private static readonly Reply Done = new(GuardianResult.Done, "", []);
    private static readonly GuardianSettings Settings = new()
    {
        ClusterName = "c",
        ClusterId = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Key = new byte[32],
        OwnIndex = 0,
        Servers = [new(0, "server1"), new(1, "server2")],
        Networks = [],
        Interval = TimeSpan.FromMilliseconds(200),
        Timeout = TimeSpan.FromSeconds(2),
        Grant = TimeSpan.FromMilliseconds(1970),
        Policy = PartitionPolicy.TakeOver,
    };

    private readonly VirtualDriver _driver = new();
    private readonly ScriptedLink _link = new();

    [Fact]
    public async Task What_the_guardian_could_not_take_must_be_offered_again_until_it_has_it()
    {
        var answers = new List<Reply>();
        var settings = new OfferedSettings(_driver.Time) { Answered = answers.Add };
        settings.Set(1);
        _link.Answer = Full;
        Assert.Equal(Full, await settings.ApplyAsync(_link, Settings, _ => { }));

        _driver.Pass(TimeSpan.FromSeconds(9));
        Assert.Equal(1, _link.Asked);
        _driver.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _link.Asked);

        _link.Answer = Done;
        _driver.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal([Full, Full, Done], answers);
        _driver.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(3, _link.Asked);
    }

    [Fact]
    public async Task Lost_connection_must_end_the_offers_until_the_next_greeting()
    {
        var settings = new OfferedSettings(_driver.Time);
        settings.Set(1);
        _link.Answer = Full;
        Assert.Equal(Full, await settings.ApplyAsync(_link, Settings, _ => { }));
        _link.Answer = null;
        _driver.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(2, _link.Asked);
        _link.Answer = Done;
        Assert.Equal(Done, await settings.ApplyAsync(_link, Settings, _ => { }));
    }
}
