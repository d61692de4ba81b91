using System.Reflection;
using ClusterActors.Model.Events;
using ClusterActors.Model.Explain;

namespace ClusterActors.Model.Tests.Events;

/// <summary>Golden outputs of <c>clp explain</c>: one file per case, named module-id-language.txt.</summary>
public sealed class EventExplanationTests
{
    [Theory]
    [InlineData("rc", 10, EventLanguage.English)]
    [InlineData("rc", 92, EventLanguage.English)]
    [InlineData("rc", 92, EventLanguage.Japanese)]
    [InlineData("rc", 352, EventLanguage.English)]
    [InlineData("rc", 352, EventLanguage.Japanese)]
    [InlineData("ca", 11, EventLanguage.English)]
    [InlineData("lanhb", 71, EventLanguage.Japanese)]
    public void Explanation_must_equal_the_golden_text(string module, int id, EventLanguage language) =>
        Assert.Equal(Golden($"{module}-{id}-{language}.txt"), EventCatalogue.Default.Explain(module, id, language));

    [Fact]
    public void Module_list_must_equal_the_golden_text() =>
        Assert.Equal(Golden("nm-English.txt"), EventCatalogue.Default.ExplainModule("nm"));

    [Fact]
    public void Explanation_must_be_null_when_there_is_no_such_event()
    {
        Assert.Null(EventCatalogue.Default.Explain("rc", 9999));
        Assert.Null(EventCatalogue.Default.ExplainModule("zz"));
    }

    private static string Golden(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("explain/" + name);
        Assert.True(stream is not null, $"there is no golden file explain/{name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
