using ClusterActors.Model.Events;

namespace ClusterActors.Model.Tests.Events;

public sealed class ClusterEventTests
{
    private static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Event_must_render_in_both_languages()
    {
        var moved = Complete(RcEvents.DestinationChosen("web", "server2", "first fit server of the order"));
        Assert.Equal(EventLevel.Info, moved.Level);
        Assert.Equal("group web goes to server server2: first fit server of the order", moved.Render(EventCatalogue.Default, EventLanguage.English));
        Assert.Contains("グループ web の起動先をサーバ server2", moved.Render(EventCatalogue.Default, EventLanguage.Japanese), StringComparison.Ordinal);
    }

    [Fact]
    public void Event_of_a_newer_version_must_still_be_readable()
    {
        var unknown = Complete(PmEvents.DaemonStarted()) with { Key = new EventKey("rc", 9999), Parameters = [new EventParameter("group", "web")] };
        Assert.Equal("(rc 9999) group = web", unknown.Render(EventCatalogue.Default, EventLanguage.English));
    }

    [Fact]
    public void Event_recorded_before_a_text_got_a_new_parameter_must_show_the_hole()
    {
        var old = Complete(RcEvents.GroupActiveTwice("web")) with { Parameters = [] };
        Assert.Equal("group {group} is active on more than one server", old.Render(EventCatalogue.Default, EventLanguage.English));
    }

    [Fact]
    public void Event_must_be_refused_when_parameters_are_not_the_declared_ones()
    {
        var wrong = RcEvents.GroupActiveTwice("web") with { Parameters = [new EventParameter("server", "server1")] };
        Assert.Contains("declared are group", Assert.Throws<ArgumentException>(() => Complete(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Event_must_be_refused_when_the_catalogue_has_no_entry()
    {
        var wrong = RcEvents.GroupActiveTwice("web") with { Key = new EventKey("zz", 1) };
        Assert.Contains("zz 1", Assert.Throws<ArgumentException>(() => Complete(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_must_be_equal_when_every_value_is() =>
        Assert.Equal(Complete(NmEvents.ServerUp("server1")), Complete(NmEvents.ServerUp("server1")));

    [Fact]
    public void Events_must_differ_when_a_parameter_does() =>
        Assert.NotEqual(Complete(NmEvents.ServerUp("server1")), Complete(NmEvents.ServerUp("server2")));

    private static ClusterEvent Complete(EventDraft draft) =>
        ClusterEvent.From(draft, EventCatalogue.Default, "server1/1", null, Noon, new ServerName("server1"), new Term(3, 0));
}
