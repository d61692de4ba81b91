using ClusterActors.Model.Events;

namespace ClusterActors.Model.Tests.Events;

public sealed class EventCatalogueReaderTests
{
    private const string Good =
        """
        # a comment
        rc {
          92 {
            name = "twice"
            level = "error"
            routes = "alert mail"
            source = "manual"
            parameters = "group"
            text = "group {group} \"twice\""
            text-ja = "グループ {group}"
            meaning = "a back\\slash"
            meaning-ja = "意味"
          }
        }
        """;

    [Fact]
    public void Reader_must_take_a_well_formed_file()
    {
        var found = Parse(Good).Find("rc", 92)!;
        Assert.Equal("twice", found.Name);
        Assert.Equal((EventLevel.Error, EventRoutes.Alert | EventRoutes.Mail), (found.Level, found.Routes));
        Assert.Equal("group web \"twice\"", found.Render([new EventParameter("group", "web")], EventLanguage.English));
        Assert.Equal("a back\\slash", found.Meaning.English);
        Assert.Null(found.Remedy);
    }

    [Theory]
    [InlineData("rc {", "rc", "f.conf:2: found \"rc\"")]
    [InlineData("92 {", "0 {", "f.conf:3: event number is \"0\"")]
    [InlineData("92 {", "x2 {", "f.conf:3: event number is \"x2\"")]
    [InlineData("level = \"error\"", "level = error", "f.conf:5: value is error")]
    [InlineData("level = \"error\"", "level = \"grave\"", "f.conf:5: rc 92: level is \"grave\"; allowed are info, warning, error")]
    [InlineData("level = \"error\"", "", "f.conf:3: rc 92 has no key level")]
    [InlineData("level = \"error\"", "name = \"again\"", "f.conf:5: rc 92 has key name twice")]
    [InlineData("level = \"error\"", "colour = \"red\"", "f.conf:5: rc 92 has key colour")]
    [InlineData("level = \"error\"", "level: \"error\"", "f.conf:5: found \"level: \"error\"\"")]
    [InlineData("alert mail", "alert pigeon", "f.conf:6: rc 92: routes has \"pigeon\"")]
    [InlineData("parameters = \"group\"", "parameters = \"group group\"", "f.conf:8: rc 92: parameters names a parameter twice")]
    [InlineData("parameters = \"group\"", "parameters = \"group server\"", "f.conf:9: rc 92: text uses {group}")]
    [InlineData("グループ {group}", "グループ", "f.conf:10: rc 92: text-ja uses {}")]
    [InlineData("グループ {group}", "グループ {group", "f.conf:10: rc 92: text-ja \"グループ")]
    [InlineData("グループ {group}", "グループ group}", "f.conf:10: rc 92: text-ja \"グループ")]
    [InlineData("\\\"twice\\\"", "\"twice\"", "f.conf:9: a quote inside")]
    [InlineData("back\\\\slash", "back\\slash", "f.conf:11: a backslash")]
    [InlineData("meaning-ja = \"意味\"", "remedy = \"act\"", "f.conf:3: rc 92 has no key meaning-ja")]
    public void Reader_must_refuse_with_file_and_line(string part, string instead, string expected)
    {
        Assert.Contains(part, Good, StringComparison.Ordinal);
        var refused = Assert.Throws<EventCatalogueException>(() => Parse(Good.Replace(part, instead, StringComparison.Ordinal)));
        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_must_refuse_a_remedy_in_one_language_only()
    {
        var text = Good.Replace("meaning-ja = \"意味\"", "meaning-ja = \"意味\"\n    remedy = \"act\"", StringComparison.Ordinal);
        Assert.StartsWith("f.conf:3: rc 92 has no key remedy-ja", Assert.Throws<EventCatalogueException>(() => Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_must_refuse_a_file_that_breaks_off()
    {
        var refused = Assert.Throws<EventCatalogueException>(() => Parse(Good[..^2]));
        Assert.Contains("ends before", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_must_refuse_a_second_module_in_the_file() =>
        Assert.Contains("one module per file", Assert.Throws<EventCatalogueException>(() => Parse(Good + "\nnm {\n}\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void Catalogue_must_refuse_the_same_number_twice() =>
        Assert.Contains("defined twice", Assert.Throws<EventCatalogueException>(() => EventCatalogue.Parse([("a", Good), ("b", Good)])).Message, StringComparison.Ordinal);

    [Fact]
    public void Catalogue_must_refuse_the_same_name_twice()
    {
        var other = Good.Replace("92 {", "93 {", StringComparison.Ordinal);
        Assert.Contains("the name twice of another event", Assert.Throws<EventCatalogueException>(() => EventCatalogue.Parse([("a", Good), ("b", other)])).Message, StringComparison.Ordinal);
    }

    private static EventCatalogue Parse(string text) => EventCatalogue.Parse([("f.conf", text)]);
}
