namespace ClusterActors.Hocon.Tests;

public sealed class ParsingTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("{}", "{}")]
    [InlineData("# only a comment", "{}")]
    [InlineData("a=1", """{"a":1}""")]
    [InlineData("{ \"a\" : 1 }", """{"a":1}""")]
    [InlineData("a:1,b:2,", """{"a":1,"b":2}""")]
    [InlineData("a=1\nb=2\n\n", """{"a":1,"b":2}""")]
    [InlineData("a { b = 1 }", """{"a":{"b":1}}""")]
    [InlineData("a\n{ b = 1 }", """{"a":{"b":1}}""")]
    [InlineData("\"a\"\n:\n1", """{"a":1}""")]
    [InlineData("a = [1,2,3,]", """{"a":[1,2,3]}""")]
    [InlineData("a = [1\n2\n3]", """{"a":[1,2,3]}""")]
    [InlineData("a = [ 1 2 3 4 ]", """{"a":["1 2 3 4"]}""")]
    [InlineData("a = [\n1 // one\n, 2 # two\n]", """{"a":[1,2]}""")]
    [InlineData("a = true, b = false, c = null", """{"a":true,"b":false,"c":null}""")]
    [InlineData("a = truefoo, b = footrue, c = true foo", """{"a":"truefoo","b":"footrue","c":"true foo"}""")]
    [InlineData("a = 10.0bar, b = bar10.0", """{"a":"10.0bar","b":"bar10.0"}""")]
    [InlineData("a = -1.5e+3, b = 1E5, c = 1e+5ms", """{"a":-1.5e+3,"b":1E5,"c":"1e+5ms"}""")]
    [InlineData("a = 007, b = 1.2.3, c = -foo", """{"a":"007","b":"1.2.3","c":"-foo"}""")]
    [InlineData("net = 10.0.0.0/24 // the LAN", """{"net":"10.0.0.0/24"}""")]
    [InlineData("start = /etc/clp/start.sh", """{"start":"/etc/clp/start.sh"}""")]
    [InlineData("a =   foo bar   baz  ", """{"a":"foo bar   baz"}""")]
    [InlineData("a = foo\"bar\" baz", """{"a":"foobar baz"}""")]
    [InlineData("""a = "x\ty\u0041\\\/" """, """{"a":"x\tyA\\/"}""")]
    [InlineData("a = \"\"\"x\ny\\n\"\"\"", """{"a":"x\ny\\n"}""")]
    [InlineData("a = \"\"\"foo\"\"\"\"", "{\"a\":\"foo\\\"\"}")]
    [InlineData("a = \"\"\"\"\"\"", """{"a":""}""")]
    [InlineData("a = \"\"", """{"a":""}""")]
    [InlineData("a.b.c = 1", """{"a":{"b":{"c":1}}}""")]
    [InlineData("a.\"b.c\".d = 1", """{"a":{"b.c":{"d":1}}}""")]
    [InlineData("a.\"\".b = 1", """{"a":{"":{"b":1}}}""")]
    [InlineData("a b c : 42", """{"a b c":42}""")]
    [InlineData("10.0foo = 1", """{"10":{"0foo":1}}""")]
    [InlineData("foo\"10.0\" = 1", """{"foo10.0":1}""")]
    [InlineData("3.14 : 42, true : 1", """{"3":{"14":42},"true":1}""")]
    [InlineData("foo include : 42, \"include\" : 1, b : include, c = [include]", """{"foo include":42,"include":1,"b":"include","c":["include"]}""")]
    [InlineData("\ufeffa\u00a0=\u00a01\u2003", """{"a":1}""")]
    [InlineData("a = 1\r\nb = x y\r\n", """{"a":1,"b":"x y"}""")]
    public void Text_must_parse_as_the_specification_says(string text, string expected) =>
        Assert.Equal(expected, Config.Parse(text, "t.conf").ToString());

    [Theory]
    [InlineData("a : {x:1}, a : {y:2}", """{"a":{"x":1,"y":2}}""")]
    [InlineData("a : {x:1}, a : null, a : {y:2}", """{"a":{"y":2}}""")]
    [InlineData("a : {x:1}, a : 5", """{"a":5}""")]
    [InlineData("a.x : 1, a.y : 2", """{"a":{"x":1,"y":2}}""")]
    [InlineData("a : [1], a : [2]", """{"a":[2]}""")]
    [InlineData("a : {b:{c:1,d:2}}, a.b.d : 3", """{"a":{"b":{"c":1,"d":3}}}""")]
    [InlineData("a : {b:1} {c:2}", """{"a":{"b":1,"c":2}}""")]
    [InlineData("a : {b:1}{b:2}", """{"a":{"b":2}}""")]
    [InlineData("a : [1,2] [3,4]", """{"a":[1,2,3,4]}""")]
    [InlineData("a : [ [1,2] [3,4] ]", """{"a":[[1,2,3,4]]}""")]
    [InlineData("a : [ [1,2]\n [3,4] ]", """{"a":[[1,2],[3,4]]}""")]
    [InlineData("a : [1] {\"1\": y, \"0\": x, z: no}", """{"a":[1,"x","y"]}""")]
    public void Values_must_merge_and_join(string text, string expected) => Assert.Equal(expected, Config.Parse(text, "t.conf").ToString());

    [Theory]
    [InlineData("[1, {a: 2}]", """[1,{"a":2}]""")]
    [InlineData(" [ ] ", "[]")]
    public void Root_must_be_allowed_to_be_a_list_when_a_value_is_asked_for(string text, string expected)
    {
        Assert.Equal(expected, ConfigDocument.Parse(text, "t.conf").ResolveValue().ToString());
        Assert.Throws<ConfigSyntaxException>(() => Config.Parse(text, "t.conf"));
    }

    [Theory]
    [InlineData("a = [1,,2]", 1, "two commas")]
    [InlineData("a = [,1]", 1, "found ',' where a value is expected")]
    [InlineData("a = [1,2,,]", 1, "two commas")]
    [InlineData(",a = 1", 1, "found ',' where a key is expected")]
    [InlineData("a = 1,,b = 2", 1, "two commas")]
    [InlineData("x = 1\na = b = c", 2, "found '=' in a value")]
    [InlineData("a = x:y", 1, "found ':' in a value")]
    [InlineData("a = x@y", 1, "found '@' outside quotes")]
    [InlineData("a = 1+2", 1, "found '+' outside quotes")]
    [InlineData("a =\n\n", 3, "found the end of the file where a value is expected")]
    [InlineData("a", 1, "after the key 'a'")]
    [InlineData("a = \"x\ny\"", 1, "not closed on its line")]
    [InlineData("a = \"x\\qy\"", 1, "starts no escape")]
    [InlineData("a = \"x\ty\"", 1, "control character U+0009")]
    [InlineData("a = \"\"\"x\n", 1, "never closed")]
    [InlineData("\na {\nb = 1\n", 2, "'{' here is never closed")]
    [InlineData("{a = 1", 1, "never closed")]
    [InlineData("a = 1}", 1, "found '}' after a field")]
    [InlineData("\na = [1\n", 2, "'[' here is never closed")]
    [InlineData("a..b = 1", 1, "empty key")]
    [InlineData(".a = 1", 1, "empty key")]
    [InlineData("a. = 1", 1, "ends with a '.'")]
    [InlineData("a = ${b", 1, "not closed on its line")]
    [InlineData("a = $b", 1, "found '$'")]
    [InlineData("a = ${}", 1, "is empty")]
    [InlineData("a = ${x${y}}", 1, "only allowed inside double quotes")]
    [InlineData("a = ${ ?b}", 1, "cannot be read")]
    [InlineData("${a} = 1", 1, "found '${a}' where a key is expected")]
    [InlineData("a${b} = 1", 1, "only allowed in values")]
    [InlineData("[a] = 1", 1, "found '=' after the end")]
    [InlineData("include foo", 1, "after include")]
    [InlineData("include = 1", 1, "after include")]
    [InlineData("{} x", 1, "after the end of the file's object")]
    public void Mistake_must_be_reported_with_its_line(string text, int line, string words)
    {
        var error = Assert.ThrowsAny<ConfigException>(() => Config.Parse(text, "t.conf"));
        Assert.Equal(new Origin("t.conf", line), error.Origin);
        Assert.StartsWith($"t.conf:{line}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parser_must_go_on_after_a_mistake_so_that_one_run_reports_them_all()
    {
        var document = ConfigDocument.Parse(
            """
            good = 1
            bad = x = y
            servers {
              one = [a, b
              two = "open
              three = 3
            }
            also-good = 2
            mail = ops@example
            """,
            "c.conf");
        var config = document.ResolveAll(ConfigEnvironment.None, out var problems);
        Assert.Equal([2, 5, 9], problems.Select(p => p.Origin.Line));
        Assert.Equal(1, config.GetInt("good"));
        Assert.Equal(2, config.GetInt("also-good"));
        Assert.Equal(3, config.GetInt("servers.three"));
        Assert.Equal(ConfigValueKind.Invalid, config.Find("bad")!.Kind);
        Assert.Equal(ConfigValueKind.Invalid, config.Find("mail")!.Kind);
    }

    [Fact]
    public void Nesting_must_be_bounded()
    {
        var error = Assert.Throws<ConfigSyntaxException>(() => Config.Parse("a = " + new string('[', 100_000), "t.conf"));
        Assert.Contains("nested deeper than 200", error.Message, StringComparison.Ordinal);
        Assert.Throws<ConfigSyntaxException>(() => Config.Parse(string.Concat(Enumerable.Repeat("a {", 100_000)), "t.conf"));
    }

    [Fact]
    public void Value_must_know_where_it_was_written()
    {
        var config = Config.Parse("a = 1\nb {\n  c = [x,\n    y]\n}\nb.d = \"\"\"1\n2\"\"\"\ne = 3", "/etc/c.conf");
        Assert.Equal("/etc/c.conf:1", config.Find("a")!.Origin.ToString());
        Assert.Equal(4, ((ConfigList)config.Find("b.c")!).Elements[1].Origin.Line);
        Assert.Equal(6, config.OriginOf("b.d").Line);
        Assert.Equal(8, config.OriginOf("e").Line);
        Assert.Equal(6, config.OriginOf("b.missing").Line);
        Assert.Equal([2, 6], config.Root.Field("b")!.Definitions.Select(d => d.KeyOrigin.Line).Order());
        Assert.Equal([true, false], config.Root.Field("b")!.Definitions.OrderBy(d => d.KeyOrigin.Line).Select(d => d.IsWritten));
    }
}
