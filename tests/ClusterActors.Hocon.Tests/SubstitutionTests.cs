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
        Assert.Throws<ConfigResolveException>(() => Config.Parse("a = ${HOME}", "t.conf"));
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

        var laughs = "k0 = [1]\n" + string.Join('\n', Enumerable.Range(1, 40).Select(i => $"k{i} = [${{k{i - 1}}}, ${{k{i - 1}}}]"));
        Assert.Contains("more than 1000000 values", Assert.Throws<ConfigResolveException>(() => Config.Parse(laughs, "t.conf")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fallback_document_must_take_part_in_resolving()
    {
        var app = ConfigDocument.Parse("a = ${b}, list += 2, o.x = ${o.y}", "app.conf");
        var reference = ConfigDocument.Parse("b = 1, list = [1], o { x = 0, y = 7 }", "reference.conf");
        Assert.Equal("""{"b":1,"list":[1,2],"o":{"x":7,"y":7},"a":1}""", app.WithFallback(reference).Resolve().ToString());
    }
}
