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
    [InlineData("a =", 1, "found the end of the file where a value is expected")]
    [InlineData("\na =\n\n", 2, "the key 'a' has no value; write one behind the '=', or remove the line")]
    [InlineData("o {\na :\n}", 2, "the key 'a' has no value; write one behind the ':', or remove the line")]
    [InlineData("a = [x } ]", 1, "found '}' after an element; the next element")]
    [InlineData("@a = 1", 1, "t.conf:1: found '@' outside quotes, where it is reserved")]
    [InlineData("a @ 1", 1, "t.conf:1: found '@' outside quotes, where it is reserved")]
    [InlineData("{} @", 1, "t.conf:1: found '@' outside quotes, where it is reserved")]
    [InlineData("include @", 1, "t.conf:1: found '@' outside quotes, where it is reserved")]
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
    [InlineData("a = ${x${y}}", 1, "the path of a substitution cannot be read: found '$', which is only allowed inside double quotes")]
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

    /// <summary>The next field is another field, not the forgotten value: nothing is said of its line, and it is there.</summary>
    [Theory]
    [InlineData("a =\nb = 1")]
    [InlineData("a :\n\n# which\n  b : 1")]
    [InlineData("a +=\nb = 1")]
    [InlineData("a =\n\"b\" { c = 1 }")]
    [InlineData("a =\nb.c += 1")]
    [InlineData("a =\nb x { c = 1 }")]
    public void Key_without_a_value_must_not_take_the_next_line_for_one(string text)
    {
        var config = ConfigDocument.Parse(text, "t.conf").ResolveAll(ConfigEnvironment.None, out var problems);
        Assert.StartsWith("t.conf:1: the key 'a' has no value; write one behind the '", Assert.Single(problems).Message, StringComparison.Ordinal);
        Assert.Equal(ConfigValueKind.Invalid, config.Find("a")!.Kind);
        Assert.Contains(config.Root.Fields, f => f.Key.StartsWith('b') && f.Value.Kind != ConfigValueKind.Invalid);
    }

    [Theory]
    [InlineData("a =\nx y\nb = 1", """{"a":"x y","b":1}""")]
    [InlineData("a =\n\n# which\n\"x\", b = 1", """{"a":"x","b":1}""")]
    [InlineData("a :\n{ x = 1 }\nb = 1", """{"a":{"x":1},"b":1}""")]
    [InlineData("a =\n[x]\nb { }", """{"a":["x"],"b":{}}""")]
    [InlineData("a =\n${b} { x = 1 }\nb { }", """{"a":{"x":1},"b":{}}""")]
    [InlineData("a +=\nx\nb = 1", """{"a":["x"],"b":1}""")]
    public void Value_must_be_allowed_to_begin_on_the_next_line(string text, string expected) =>
        Assert.Equal(expected, Config.Parse(text, "t.conf").ToString());

    [Theory]
    [InlineData(200, false)]
    [InlineData(201, true)]
    public void Mistakes_that_are_not_shown_must_be_told(int mistakes, bool isTold)
    {
        var text = string.Concat(Enumerable.Range(1, mistakes + 99).Select(i => i <= mistakes ? $"k{i} = a = b\n" : $"k{i} = 1\n")) + "z = ${none}\n";
        var document = ConfigDocument.Parse(text, "t.conf");
        document.ResolveAll(ConfigEnvironment.None, out var all);
        Assert.Equal(mistakes, document.Problems.Length);
        Assert.Equal(mistakes + 1, all.Length);
        Assert.Equal(isTold, all[^1].Message.EndsWith("there are more than 200 mistakes; those from t.conf:201 on are not shown, correct the others first", StringComparison.Ordinal));
        Assert.Equal(isTold, document.Problems[^1] == all[^1]);
    }

    /// <summary>The parts of a key nest as braces do, and included files nest in the place where they are included.</summary>
    [Theory]
    [InlineData("KEY200 = 1", 0)]
    [InlineData("KEY201 = 1", 0)]
    [InlineData("x = 1\nKEY202 = 1", 2)]
    [InlineData("x = 1\nKEY250 { x = 1\ny = 2 }", 2)]
    [InlineData("KEY10000 = 1", 1)]
    [InlineData("KEY100 { KEY100 = 1 }", 0)]
    [InlineData("KEY100 {\nKEY102 = 1 }", 2)]
    [InlineData("KEY100 = [{\nKEY99 = 1 }]", 0)]
    [InlineData("KEY100 = [{\nKEY101 = 1 }]", 2)]
    [InlineData("KEY100 { include \"i.conf\" }", 0)]
    [InlineData("KEY102 { include \"i.conf\" }", 1)]
    public void Parts_of_keys_must_count_as_nesting(string pattern, int line)
    {
        static string Keys(string text) => System.Text.RegularExpressions.Regex.Replace(text, "KEY([0-9]+)", m => string.Join('.', Enumerable.Repeat("a", int.Parse(m.Groups[1].Value))));
        var files = new MemoryConfigFiles().With("t.conf", Keys(pattern) + "\nz = 1").With("i.conf", Keys("KEY100 = 1"));
        var config = ConfigLoader.LoadDocument("t.conf", files).ResolveAll(ConfigEnvironment.None, out var problems);
        Assert.Equal(1, config.GetInt("z"));
        if (line == 0)
        {
            Assert.Empty(problems);
            return;
        }

        var problem = Assert.Single(problems);
        Assert.Equal(line, problem.Origin.Line);
        Assert.Contains("nested deeper than 200 levels, each '.' of a key being one; flatten them", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_must_be_bounded()
    {
        var error = Assert.Throws<ConfigSyntaxException>(() => Config.Parse("a = " + new string('[', 100_000), "t.conf"));
        Assert.Contains("nested deeper than 200", error.Message, StringComparison.Ordinal);
        Assert.Throws<ConfigSyntaxException>(() => Config.Parse(string.Concat(Enumerable.Repeat("a {", 100_000)), "t.conf"));
        Assert.Throws<ConfigSyntaxException>(() => Config.Parse("a = " + string.Concat(Enumerable.Repeat("${", 100_000)), "t.conf"));
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
