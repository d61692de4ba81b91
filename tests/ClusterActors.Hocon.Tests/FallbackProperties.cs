using System.Collections.Immutable;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ClusterActors.Hocon.Tests;

/// <summary>Laws that hold for any configuration, tried on generated ones with few keys so that they often collide.</summary>
public sealed class FallbackProperties
{
    private static readonly string[] Keys = ["a", "b", "c", "d.e", ""];
    private static readonly Origin Here = new("generated", 1);

    [Fact]
    public void Fallback_must_be_associative() => Prop.ForAll(
        Triples().ToArbitrary(),
        t => Same(t.A.WithFallback(t.B).WithFallback(t.C).Root, t.A.WithFallback(t.B.WithFallback(t.C)).Root)).Check(Config1000());

    [Fact]
    public void Fallback_must_be_idempotent_and_have_the_empty_configuration_as_neutral_element() => Prop.ForAll(
        Objects(3).ToArbitrary(),
        o =>
        {
            var config = new Config(o);
            return Content(config.WithFallback(Config.Empty)) == Content(config)
                && Content(Config.Empty.WithFallback(config)) == Content(config)
                && Content(config.WithFallback(config)) == Content(config);
        }).Check(Config1000());

    [Fact]
    public void Fallback_must_equal_writing_the_texts_one_after_the_other() => Prop.ForAll(
        Triples().ToArbitrary(),
        t =>
        {
            var text = Body(t.C) + "\n" + Body(t.B) + "\n" + Body(t.A);
            var documents = ConfigDocument.Parse(Body(t.A), "a").WithFallback(ConfigDocument.Parse(Body(t.B), "b")).WithFallback(ConfigDocument.Parse(Body(t.C), "c"));
            var content = Content(Config.Parse(text, "all"));
            return Content(t.A.WithFallback(t.B).WithFallback(t.C)) == content && Content(documents.Resolve()) == content;
        }).Check(Config1000());

    [Fact]
    public void Rendered_text_must_parse_back_to_the_same_content() => Prop.ForAll(
        Objects(4).ToArbitrary(),
        o => Config.Parse(ConfigRenderer.Render(o), "x").ToString() == ConfigRenderer.Render(o)
            && Content(Config.Parse(ConfigRenderer.RenderCanonically(o), "x")) == ConfigRenderer.RenderCanonically(o)).Check(Config1000());

    [Fact]
    public void Any_string_must_survive_rendering_and_paths() => Prop.ForAll(
        ArbMap.Default.ArbFor<string>(),
        s =>
        {
            if (s is null) return true;
            var value = new ConfigObject([Field(s, new ConfigScalar(ConfigValueKind.String, s, Here))], Here);
            var path = ConfigPath.Root.Child(s).Child("x").Child(s);
            return Config.Parse(ConfigRenderer.Render(value), "x").Find(ConfigPath.Root.Child(s)) is ConfigScalar read && read.Text == s
                && ConfigPath.Parse(path.ToString()).Equals(path);
        }).Check(Config1000());

    /// <summary>Text made of the language's own pieces in any order: refused with a place, or read; never anything else, and always in the end.</summary>
    [Fact]
    public void Any_text_must_be_read_or_refused_with_its_place()
    {
        string[] pieces =
        [
            "a", "b", ".", "\"", "\"\"\"", "{", "}", "[", "]", ",", ":", "=", "+=", "\n", " ", "${a}", "${?b}", "${a.b}", "${b", "$", "#", "//", "1", "-1.5e+3",
            "true", "null", "include", "include \"x\"", "\\", "@", "a = ${?a}", "b += ${a}", "a : {b : ${b}}", "a.b = ${a}",
        ];
        Prop.ForAll(
            Gen.Elements(pieces).ListOf().Select(string.Concat).ToArbitrary(),
            text =>
            {
                ConfigDocument.Parse(text, "fuzz").ResolveAll(ConfigEnvironment.None, out var problems);
                try
                {
                    Config.Parse(text, "fuzz");
                    return problems.IsEmpty;
                }
                catch (ConfigException error)
                {
                    return !problems.IsEmpty && error.Message.StartsWith("fuzz:", StringComparison.Ordinal);
                }
            }).Check(Config1000().WithMaxTest(5000));
    }

    /// <summary>Found by the property above, after 4,694 texts in one of many runs.</summary>
    [Fact]
    public void Value_that_contains_itself_by_a_definition_below_an_object_must_be_a_problem()
    {
        ConfigDocument.Parse("a : {b : ${b}}{b@\na = ${?a}\na : {b : ${b}}", "fuzz").ResolveAll(ConfigEnvironment.None, out var problems);
        Assert.Contains(problems, p => p.Message.Contains("contains itself", StringComparison.Ordinal));
    }

    private static FsCheck.Config Config1000() => FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);

    private static string Content(Config config) => ConfigRenderer.RenderCanonically(config.Root);

    private static string Body(Config config)
    {
        var text = ConfigRenderer.Render(config.Root);
        return text[1..^1];
    }

    /// <summary>Equal in content, order of keys, and in what a further fallback would still add.</summary>
    private static bool Same(ConfigValue a, ConfigValue b) => (a, b) switch
    {
        (ConfigScalar x, ConfigScalar y) => x.Kind == y.Kind && x.Text == y.Text,
        (ConfigList x, ConfigList y) => x.Elements.Length == y.Elements.Length && x.Elements.Zip(y.Elements).All(p => Same(p.First, p.Second)),
        (ConfigObject x, ConfigObject y) => x.HidesFallback == y.HidesFallback
            && x.Fields.Length == y.Fields.Length
            && x.Fields.Zip(y.Fields).All(p => p.First.Key == p.Second.Key && p.First.Definitions.SequenceEqual(p.Second.Definitions) && Same(p.First.Value, p.Second.Value)),
        _ => false,
    };

    private static Gen<(Config A, Config B, Config C)> Triples() =>
        from a in Objects(3)
        from b in Objects(3)
        from c in Objects(3)
        select (new Config(a), new Config(b), new Config(c));

    private static Gen<ConfigObject> Objects(int depth) =>
        from keys in Gen.SubListOf(Keys)
        from values in Values(depth - 1).ListOf(keys.Count)
        select new ConfigObject([.. keys.Zip(values, Field)], Here);

    private static Gen<ConfigValue> Values(int depth)
    {
        var scalars = Gen.Elements<ConfigValue>(
            new ConfigScalar(ConfigValueKind.Number, "1", Here),
            new ConfigScalar(ConfigValueKind.String, "x\n\"y\"", Here),
            new ConfigScalar(ConfigValueKind.Boolean, "true", Here),
            new ConfigScalar(ConfigValueKind.Null, "null", Here));
        if (depth <= 0) return scalars;
        var lists = Values(depth - 1).ListOf(2).Select(e => (ConfigValue)new ConfigList([.. e], Here));
        var objects = Objects(depth).Select(o => (ConfigValue)o);
        return Gen.OneOf(scalars, lists, objects, objects, objects);
    }

    private static ConfigField Field(string key, ConfigValue value) => new(key, value, [new ConfigDefinition(Here, true, value is ConfigObject)]);
}
