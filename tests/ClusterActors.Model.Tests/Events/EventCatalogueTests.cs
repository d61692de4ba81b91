using ClusterActors.Model.Events;

namespace ClusterActors.Model.Tests.Events;

public sealed class EventCatalogueTests
{
    private static readonly EventCatalogue Catalogue = EventCatalogue.Default;

    [Fact]
    public void Catalogue_must_hold_every_number_of_the_manuals_with_level_and_routes()
    {
        var entries = ManualList.Entries().ToList();
        Assert.Equal(140, entries.Count);
        foreach (var (key, level, routes) in entries)
        {
            var found = Catalogue.Find(key);
            Assert.True(found is not null, $"{key} is missing");
            Assert.Equal((key, level, routes, EventOrigin.Manual), (key, found.Level, found.Routes, found.Origin));
        }
    }

    [Fact]
    public void Catalogue_must_mark_as_manual_only_what_the_manuals_list()
    {
        var listed = ManualList.Entries().Select(e => e.Key).ToHashSet();
        Assert.All(Catalogue.All, d => Assert.Equal(listed.Contains(d.Key), d.Origin == EventOrigin.Manual));
        Assert.All(Catalogue.All, d => Assert.Equal(d.Key.Module == "ca", d.Origin == EventOrigin.Own));
    }

    [Fact]
    public void Entries_must_be_written_in_both_languages()
    {
        foreach (var d in Catalogue.All)
        {
            string[] japanese = [d.Text.Japanese.Source, d.Meaning.Japanese, .. d.Remedy is null ? Array.Empty<string>() : [d.Remedy.Japanese]];
            Assert.All(japanese, t => Assert.True(t.Any(c => c > 0x3000), $"{d.Key}: \"{t}\" is not Japanese"));
            string[] english = [d.Text.English.Source, d.Meaning.English, .. d.Remedy is null ? Array.Empty<string>() : [d.Remedy.English]];
            Assert.All(english, t => Assert.True(t.Length > 0 && t.All(c => c < 0x80), $"{d.Key}: \"{t}\" is not plain English"));
        }
    }

    [Fact]
    public void Errors_must_say_what_to_do() =>
        Assert.All(Catalogue.All.Where(d => d.Level == EventLevel.Error), d => Assert.True(d.Remedy is not null, $"{d.Key} has no remedy"));

    [Fact]
    public void Routes_override_must_change_one_entry_only()
    {
        var quiet = Catalogue.WithRoutes(new EventKey("rc", 10), EventRoutes.None);
        Assert.Equal(EventRoutes.None, quiet.Find("rc", 10)!.Routes);
        Assert.Equal(EventRoutes.Alert | EventRoutes.Syslog, quiet.Find("rc", 11)!.Routes);
        Assert.Equal(EventRoutes.Alert | EventRoutes.Syslog, Catalogue.Find("rc", 10)!.Routes);
    }

    [Fact]
    public void Routes_override_must_be_refused_for_an_unknown_event()
    {
        var refused = Assert.Throws<ArgumentException>(() => Catalogue.WithRoutes(new EventKey("rc", 9999), EventRoutes.Mail));
        Assert.Contains("rc 9999", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rc 92", "rc", 92)]
    [InlineData("  rc   92 ", "rc", 92)]
    public void Key_must_be_read_as_people_type_it(string typed, string module, int id)
    {
        Assert.True(EventKey.TryParse(typed, out var key));
        Assert.Equal(new EventKey(module, id), key);
    }

    [Theory]
    [InlineData("rc")]
    [InlineData("rc ninety")]
    [InlineData("rc -1")]
    [InlineData("rc 9 2")]
    [InlineData(null)]
    public void Key_must_be_refused_when_it_is_no_module_and_number(string? typed) => Assert.False(EventKey.TryParse(typed, out _));
}
