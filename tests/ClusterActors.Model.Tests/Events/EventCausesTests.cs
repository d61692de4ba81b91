using ClusterActors.Model.Events;

namespace ClusterActors.Model.Tests.Events;

public sealed class EventCausesTests
{
    private readonly EventCauses _causes = new();
    private int _count;

    [Fact]
    public void End_of_an_operation_must_follow_from_the_newest_beginning_of_the_same_group()
    {
        Raise(RcEvents.GroupStartBegan("web"));
        var other = Raise(RcEvents.GroupStartBegan("db"));
        var newest = Raise(RcEvents.GroupStartBegan("web"));

        Assert.Equal(newest, _causes.Of(RcEvents.GroupStartEnded("web")));
        Assert.Equal(other, _causes.Of(RcEvents.GroupStartFailed("db")));
        Assert.Null(_causes.Of(RcEvents.GroupStartEnded("mail")));
    }

    [Fact]
    public void Resource_must_start_because_its_group_does_and_stop_because_of_what_came_last()
    {
        var start = Raise(RcEvents.GroupFailoverBegan("web"));
        Assert.Equal(start, _causes.Of(RcEvents.ResourceStartBegan("web.address")));
        Assert.Null(_causes.Of(RcEvents.ResourceStartBegan("webmail.address")));

        var failed = Raise(RcEvents.GroupFailoverFailed("web"));
        Assert.Equal(failed, _causes.Of(RcEvents.ResourceStopBegan("web.address")));
        var stop = Raise(RcEvents.GroupStopBegan("web"));
        Assert.Equal(stop, _causes.Of(RcEvents.ResourceStopBegan("web.address")));
    }

    [Fact]
    public void Resource_that_is_named_beside_its_group_must_be_the_one_that_is_named_by_path()
    {
        var restarted = Raise(RcEvents.ResourceRestartEnded("web.program"));

        Assert.Equal(restarted, _causes.Of(CaEvents.ProgramRestarted("web", "program", "1", "3")));
        Assert.Null(_causes.Of(CaEvents.ProgramRestarted("db", "program", "1", "3")));
    }

    [Fact]
    public void What_begins_something_must_need_no_cause()
    {
        Assert.False(EventCauses.Has(NmEvents.ServerDown("server1").Key));
        Assert.Null(_causes.Of(NmEvents.ServerDown("server1")));
        Assert.True(EventCauses.Has(RcEvents.GroupStopEnded("web").Key));
    }

    private string Raise(EventDraft draft)
    {
        var id = $"server1-{_count++}";
        _causes.Remember(ClusterEvent.From(draft, EventCatalogue.Default, id, _causes.Of(draft), DateTimeOffset.UnixEpoch, new("server1"), Term.Zero));
        return id;
    }
}
