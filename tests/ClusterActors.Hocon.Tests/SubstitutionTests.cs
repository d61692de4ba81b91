namespace ClusterActors.Hocon.Tests;

public sealed class SubstitutionTests
{
    [Theory]
    [InlineData("a = ${b}, b = 1", """{"a":1,"b":1}""")]
    [InlineData("b = 1, a = ${b}, b = 2", """{"b":2,"a":2}""")]
    [InlineData("a = ${b.c} is x, b.c = 1", """{"a":"1 is x","b":{"c":1}}""")]
    [InlineData("a = ${b}\" is x\", b = cat", """{"a":"cat is x","b":"cat"}""")]
    [InlineData("a = \"${b}\"", """{"a":"${b}"}""")]
    [InlineData("a = ${?b}", "{}")]
    [InlineData("a = 1, a = ${?b}", """{"a":1}""")]
    [InlineData("a = [1, ${?b}, 2]", """{"a":[1,2]}""")]
    [InlineData("a = x${?b}y", """{"a":"xy"}""")]
    [InlineData("a = ${?b}${?c}", "{}")]
    [InlineData("a = ${?b} foo", """{"a":" foo"}""")]
    [InlineData("a = ${?b} [1]", """{"a":[1]}""")]
    [InlineData("a = ${?b} {x:1}", """{"a":{"x":1}}""")]
    [InlineData("a = ${b}, b = null", """{"a":null,"b":null}""")]
    [InlineData("a = x ${b}, b = null", """{"a":"x null","b":null}""")]
    [InlineData("a = ${ b . c }, \"b \".\" c\" = 1", """{"a":1,"b ":{" c":1}}""")]
    [InlineData("generic = { size = 6 }, east = ${generic} { name = east }", """{"generic":{"size":6},"east":{"size":6,"name":"east"}}""")]
    [InlineData("a = ${x} ${y}, x = [1], y = [2]", """{"a":[1,2],"x":[1],"y":[2]}""")]
    [InlineData("a = ${x} ${y}, x = {p:1}, y = {q:2}", """{"a":{"p":1,"q":2},"x":{"p":1},"y":{"q":2}}""")]
    [InlineData("a = [${x} ${y}, z], x = 1, y = 2", """{"a":["1 2","z"],"x":1,"y":2}""")]
    public void Substitution_must_resolve(string text, string expected) => Assert.Equal(expected, Config.Parse(text, "t.conf").ToString());

    [Theory]
    [InlineData("path = \"a:b\", path = ${path}\":d\"", """{"path":"a:b:d"}""")]
    [InlineData("a = [1], a = ${a} [2]", """{"a":[1,2]}""")]
    [InlineData("a = [1], a = ${a} [2], a = ${a} [3]", """{"a":[1,2,3]}""")]
    [InlineData("foo : {a:1}, foo : ${foo}", """{"foo":{"a":1}}""")]
    [InlineData("foo : ${?foo}", "{}")]
    [InlineData("a = ${?a}foo", """{"a":"foo"}""")]
    [InlineData("foo : ${missing}, foo : 42", """{"foo":42}""")]
    [InlineData("foo : ${foo}, foo : 42", """{"foo":42}""")]
    [InlineData("foo : {a:{c:1}}, foo : ${foo.a}, foo : {a:2}", """{"foo":{"a":2,"c":1}}""")]
    [InlineData("bar : {foo:42, baz:${bar.foo}}", """{"bar":{"foo":42,"baz":42}}""")]
    [InlineData("bar : {foo:42, baz:${bar.foo}}, bar : {foo:43}", """{"bar":{"foo":43,"baz":43}}""")]
    [InlineData("bar : {a:${foo.d}, b:1}, bar.b = 3, foo : {c:${bar.b}, d:2}, foo.d = 4", """{"bar":{"a":4,"b":3},"foo":{"c":3,"d":4}}""")]
    [InlineData("a={ x : 42, y : ${a.x} }", """{"a":{"x":42,"y":42}}""")]
    [InlineData("a=1, b=${a}, a=${b}", """{"a":1,"b":1}""")]
    [InlineData("a=1, b=2, a=${b}, b=${a}", """{"a":1,"b":1}""")]
    [InlineData("a=1, b=${c}, c=${a}, a=${b}", """{"a":1,"b":1,"c":1}""")]
    [InlineData("a=1, b=${a}, a=${b}, a=${b}", """{"a":1,"b":1}""")]
    [InlineData("a = [1], a = ${a}${a}, a = ${a}${a}", """{"a":[1,1,1,1]}""")]
    [InlineData("x = {p:1}, x = ${x}{q:${x.p}}", """{"x":{"p":1,"q":1}}""")]
    [InlineData("x = ${base}{foo:42, baz:${x.foo}}, base = {foo:1, up:${x.baz}}", """{"x":{"foo":42,"up":42,"baz":42},"base":{"foo":1,"up":42}}""")]
    [InlineData("a = {n:1}, a.n = ${a.n}0", """{"a":{"n":"10"}}""")]
    [InlineData("a = {b:1}, a = ${a}{b:${a.b}2}", """{"a":{"b":"12"}}""")]
    [InlineData("a : {b : ${?a}}", """{"a":{}}""")]
    [InlineData("a = {x:1}, a = ${?gone}, a.y = 2", """{"a":{"x":1,"y":2}}""")]
    public void Self_reference_must_look_back(string text, string expected) => Assert.Equal(expected, Config.Parse(text, "t.conf").ToString());

    [Theory]
    [InlineData("a += 1", """{"a":[1]}""")]
    [InlineData("a += 1, a += 2", """{"a":[1,2]}""")]
    [InlineData("a = [0], a+=1, a += [2]", """{"a":[0,1,[2]]}""")]
    [InlineData("a.b += x, a { b += y }", """{"a":{"b":["x","y"]}}""")]
    [InlineData("a = ${b}, a += 2, b = [1]", """{"a":[1,2],"b":[1]}""")]
    [InlineData("base.l = [1], x = ${base}, x.l += 2", """{"base":{"l":[1]},"x":{"l":[1,2]}}""")]
    [InlineData("l = [{p += 1, p += 2}]", """{"l":[{"p":[1,2]}]}""")]
    [InlineData("a += ${b}, b = 5", """{"a":[5],"b":5}""")]
    public void Plus_equals_must_add_to_the_list_before(string text, string expected) => Assert.Equal(expected, Config.Parse(text, "t.conf").ToString());

    [Theory]
    [InlineData("x = 1\na = ${b}", 2, "${b} has no value")]
    [InlineData("foo : ${foo}", 1, "${foo} refers back to itself")]
    [InlineData("foo : ${foo}\nfoo : {a:1}", 1, "refers back to itself")]
    [InlineData("bar : ${foo}\nfoo : ${bar}", 2, "t.conf:1 -> t.conf:2")]
    [InlineData("a : ${b}\nb : ${c}\nc : ${a}", 3, "t.conf:1 -> t.conf:2 -> t.conf:3")]
    [InlineData("\na : { b : ${a} }", 2, "contains itself")]
    [InlineData("a : [${a}]", 1, "contains itself")]
    [InlineData("a : [1]\na += ${a}", 2, "contains itself")]
    [InlineData("a : {b : {c : ${d}}}\nd : {e : ${a.b}}", 2, "contains itself")]
    [InlineData("b : ${a}\nb : {x : 1}\na : {b : ${b}, b : {y : 1}}", 3, "contains itself")]
    [InlineData("a : 1\nb : ${a}\na : ${b}2", 2, "depending on where reading starts")]
    [InlineData("a = 1\na += 2", 2, "'+=' adds to a list")]
    [InlineData("b = [1]\na = x ${b}", 2, "beside")]
    [InlineData("b = [1]\na = ${b} {c:1}", 2, "beside a list")]
    [InlineData("b = {}\na = ${b} foo", 2, "beside an object")]
    [InlineData("b = [1]\na = ${b}\" \"${b}", 2, "beside a list")]
    public void Substitution_that_cannot_resolve_must_be_refused(string text, int line, string words)
    {
        var error = Assert.Throws<ConfigResolveException>(() => Config.Parse(text, "t.conf"));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"t.conf:{line}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_must_be_asked_only_for_what_the_configuration_lacks()
    {
        string? Environment(string name) => name switch { "HOME" => "/root", "EMPTY" => "", "N" => "5", "a.b" => "dotted", _ => null };
        var config = Config.Parse("a = ${HOME}/x, b = ${EMPTY}, c = ${N}, d = ${a.b}, e = ${?UNSET}", "t.conf", Environment);
        Assert.Equal("""{"a":"/root/x","b":"","c":"5","d":"dotted"}""", config.ToString());
        Assert.Equal(5, config.GetInt("c"));
        Assert.Equal("environment variable N", config.Find("c")!.Origin.ToString());
        Assert.Equal("""{"HOME":null,"a":null}""", Config.Parse("HOME = null, a = ${HOME}", "t.conf", Environment).ToString());
        Assert.Equal("""{"HOME":"/here","a":"/here"}""", Config.Parse("HOME = /here, a = ${HOME}", "t.conf", Environment).ToString());
        Assert.Contains(
            "'UNSET' is neither in the configuration nor in the environment; define it",
            Assert.Throws<ConfigResolveException>(() => Config.Parse("a = ${UNSET}", "t.conf", Environment)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_that_is_not_looked_at_must_not_be_named_as_searched()
    {
        foreach (var environment in new[] { null, ConfigEnvironment.None })
        {
            Assert.Equal(
                "t.conf:1: ${HOME} has no value: 'HOME' is not in the configuration, and the environment is not looked at; define it, or write ${?HOME} if it may be missing",
                Assert.Throws<ConfigResolveException>(() => Config.Parse("a = ${HOME}", "t.conf", environment)).Message);
        }
    }

    /// <summary>Whoever leads into a loop meets it on another way round.</summary>
    [Theory]
    [InlineData("a : {b : ${a}}\nc : ${a}", 1, "contains itself")]
    [InlineData("c : ${a}\na : {b : ${a}}\nd : [${a}]", 2, "contains itself")]
    [InlineData("a = ${c}\nd = ${c}\nc : {l = [${c}]}", 3, "contains itself")]
    [InlineData("a = ${b}\nb = ${b}\nc = ${b}", 2, "refers back to itself")]
    [InlineData("a = ${b}\nb = ${c}\nc = ${b}\nd = ${c}", 3, "refers back to itself")]
    public void Loop_must_be_told_once(string text, int line, string words)
    {
        ConfigDocument.Parse(text, "t.conf").ResolveAll(ConfigEnvironment.None, out var problems);
        var problem = Assert.Single(problems);
        Assert.Equal(line, problem.Origin.Line);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolving_must_report_every_problem_when_asked_for_all()
    {
        var config = ConfigDocument.Parse("a = ${x}\nb = ${y}\nc = 1\nd { e = ${z}, f = ${a}, g = [${c}] }", "t.conf").ResolveAll(ConfigEnvironment.None, out var problems);
        Assert.Equal([1, 2, 4], problems.Select(p => p.Origin.Line));
        Assert.Equal(1, config.GetInt("c"));
        Assert.Equal(1, ((ConfigScalar)config.GetList("d.g")[0]).Text.Length);
        Assert.Equal(ConfigValueKind.Invalid, config.Find("d.f")!.Kind);
    }

    [Fact]
    public void Long_chains_and_exploding_texts_must_be_bounded()
    {
        var chain = string.Join('\n', Enumerable.Range(0, 5000).Select(i => $"k{i} = ${{k{i + 1}}}")) + "\nk5000 = 1";
        Assert.Contains("more than 250 steps", Assert.Throws<ConfigResolveException>(() => Config.Parse(chain, "t.conf")).Message, StringComparison.Ordinal);

        Assert.Equal(100_000, Config.Parse(string.Concat(Enumerable.Repeat("a += 1\n", 100_000)), "t.conf").GetList("a").Length);

        var laughs = "k0 = [1]\n" + string.Join('\n', Enumerable.Range(1, 40).Select(i => $"k{i} = [${{k{i - 1}}}, ${{k{i - 1}}}]"));
        Assert.Contains("more than 1000000 values", Assert.Throws<ConfigResolveException>(() => Config.Parse(laughs, "t.conf")).Message, StringComparison.Ordinal);
    }

    /// <summary>The way down may be built in either order: from the top, or from parts that are whole already. No loop is to blame.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(1000, false)]
    [InlineData(1000, true)]
    public void Depth_that_comes_of_substitutions_must_be_bounded(int steps, bool isTopFirst)
    {
        var lines = Enumerable.Range(0, steps + 1).Select(i => $"k{i}." + string.Concat(Enumerable.Repeat("a.", 150)) + (i == 0 ? "z = 1" : $"z = ${{k{i - 1}}}"));
        var text = string.Join('\n', isTopFirst ? lines.Reverse() : lines);
        Assert.Contains("nested deeper than 250 levels here", Assert.Throws<ConfigResolveException>(() => Config.Parse(text, "t.conf")).Message, StringComparison.Ordinal);
        var config = ConfigDocument.Parse(text, "t.conf").ResolveAll(ConfigEnvironment.None, out var problems);
        Assert.All(problems, p => Assert.Contains("nested deeper than 250 levels here", p.Problem, StringComparison.Ordinal));
        Assert.NotEmpty(config.ToString());
    }

    [Fact]
    public void Fallback_document_must_take_part_in_resolving()
    {
        var app = ConfigDocument.Parse("a = ${b}, list += 2, o.x = ${o.y}", "app.conf");
        var reference = ConfigDocument.Parse("b = 1, list = [1], o { x = 0, y = 7 }", "reference.conf");
        Assert.Equal("""{"b":1,"list":[1,2],"o":{"x":7,"y":7},"a":1}""", app.WithFallback(reference).Resolve().ToString());
    }
}
