namespace ClusterActors.Hocon.Tests;

public sealed class GetterTests
{
    private static readonly Config Sample = Config.Parse(
        """
        text = hello, number = 42, big = 5000000000, real = 2.5, thousand = 1e3, quoted-number = "17"
        yes = yes, on = on, no = "no", flag = true, nothing = null
        list = [a, 1, true]
        positions { "2" = c, "0" = a, name = x }
        object { key = 1, inner { deep = ok } }
        wait = 200ms, bare = 150, long = "3 days", half = 0.5s, fine = 1ns
        size = 64KiB, bare-size = 100, gb = 2GB, letter = 1k, part = 1.5 MiB, huge = 8EiB
        period = 3 weeks, years = 2y, mo = 4mo
        """,
        "g.conf");

    [Fact]
    public void Getters_must_return_and_convert()
    {
        Assert.Equal("hello", Sample.GetString("text"));
        Assert.Equal("42", Sample.GetString("number"));
        Assert.Equal("true", Sample.GetString("flag"));
        Assert.Equal(42, Sample.GetInt("number"));
        Assert.Equal(1000, Sample.GetInt("thousand"));
        Assert.Equal(17, Sample.GetInt("quoted-number"));
        Assert.Equal(5_000_000_000, Sample.GetLong("big"));
        Assert.Equal(2.5, Sample.GetDouble("real"));
        Assert.True(Sample.GetBool("yes") && Sample.GetBool("on") && Sample.GetBool("flag"));
        Assert.False(Sample.GetBool("no"));
        Assert.Equal(["a", "1", "true"], Sample.GetStringList("list"));
        Assert.Equal(["a", "c"], Sample.GetStringList("positions"));
        Assert.Equal("ok", Sample.GetString("object.inner.deep"));
        Assert.Equal("ok", Sample.GetConfig("object").GetConfig("inner").GetString("deep"));
    }

    [Fact]
    public void Units_must_be_read()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(200), Sample.GetDuration("wait"));
        Assert.Equal(TimeSpan.FromMilliseconds(150), Sample.GetDuration("bare"));
        Assert.Equal(TimeSpan.FromDays(3), Sample.GetDuration("long"));
        Assert.Equal(TimeSpan.FromMilliseconds(500), Sample.GetDuration("half"));
        Assert.Equal(65536, Sample.GetBytes("size"));
        Assert.Equal(100, Sample.GetBytes("bare-size"));
        Assert.Equal(2_000_000_000, Sample.GetBytes("gb"));
        Assert.Equal(1024, Sample.GetBytes("letter"));
        Assert.Equal(1_572_864, Sample.GetBytes("part"));
        Assert.Equal(new ConfigPeriod(0, 0, 21), Sample.GetPeriod("period"));
        Assert.Equal(new ConfigPeriod(2, 0, 0), Sample.GetPeriod("years"));
        Assert.Equal(new ConfigPeriod(0, 4, 0), Sample.GetPeriod("mo"));
    }

    [Theory]
    [InlineData("7EiB", 7L << 60)]
    [InlineData("0.5 kilobytes", 500)]
    [InlineData("1 yobibyte", -1)]
    [InlineData("0.00000000000000000000000001YB", -1)]
    [InlineData("1e3B", 1000)]
    [InlineData("-1B", -1)]
    [InlineData("1.5B", -1)]
    [InlineData("5 KB", -1)]
    [InlineData("B", -1)]
    public void Sizes_must_be_exact_or_refused(string text, long expected)
    {
        var isRead = ConfigUnits.TryParseBytes(text, isUnitRequired: true, out var bytes, out var problem);
        Assert.Equal(expected >= 0, isRead);
        if (isRead) Assert.Equal(expected, bytes);
        else Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData("text", "g.conf:1: text is the string \"hello\"; it must be a whole number")]
    [InlineData("real", "g.conf:1: real is 2.5; it must be a whole number")]
    [InlineData("big", "g.conf:1: big is 5000000000; it must be a whole number from -2147483648 to 2147483647")]
    [InlineData("object", "g.conf:5: object is an object; it must be")]
    [InlineData("list", "g.conf:3: list is a list; it must be")]
    [InlineData("object.inner", "g.conf:5: object.inner is an object")]
    public void Wrong_type_must_name_place_found_and_allowed(string path, string start)
    {
        var error = Assert.Throws<ConfigTypeException>(() => Sample.GetInt(path));
        Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        Assert.Equal(path, error.Path);
        Assert.Throws<ConfigTypeException>(() => Sample.TryGetInt(path, out _));
    }

    [Fact]
    public void Missing_and_null_must_be_told_apart()
    {
        Assert.StartsWith("g.conf:5: object.inner.gone is missing", Assert.Throws<ConfigMissingException>(() => Sample.GetInt("object.inner.gone")).Message, StringComparison.Ordinal);
        Assert.StartsWith("g.conf:2: nothing is null", Assert.Throws<ConfigMissingException>(() => Sample.GetString("nothing")).Message, StringComparison.Ordinal);
        Assert.StartsWith("g.conf:5: object.inner.gone is missing", Assert.Throws<ConfigMissingException>(() => Sample.GetConfig("object.inner").GetInt("gone")).Message, StringComparison.Ordinal);
        Assert.False(Sample.TryGetString("nothing", out _));
        Assert.False(Sample.TryGetString("text.below", out _));
        Assert.False(Sample.Has("nothing"));
        Assert.NotNull(Sample.Find("nothing"));
        Assert.True(Sample.TryGetDuration("wait", out var wait) && wait == TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void Units_must_be_refused_when_wrong_or_missing()
    {
        Assert.Contains("has no unit", Assert.Throws<ConfigTypeException>(() => Sample.GetDuration("bare", isUnitRequired: true)).Message, StringComparison.Ordinal);
        Assert.Contains("has no unit", Assert.Throws<ConfigTypeException>(() => Sample.GetBytes("bare-size", isUnitRequired: true)).Message, StringComparison.Ordinal);
        Assert.Contains("unknown unit 'KiB'", Assert.Throws<ConfigTypeException>(() => Sample.GetDuration("size")).Message, StringComparison.Ordinal);
        Assert.Contains("not a number with a unit", Assert.Throws<ConfigTypeException>(() => Sample.GetDuration("text")).Message, StringComparison.Ordinal);
        Assert.Contains("finer than", Assert.Throws<ConfigTypeException>(() => Sample.GetDuration("fine")).Message, StringComparison.Ordinal);
        Assert.Contains("too large", Assert.Throws<ConfigTypeException>(() => Sample.GetBytes("huge")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_must_list_every_leaf_with_its_place()
    {
        var entries = Config.Parse("a = 1\nb { c = [1]\n \"d.e\" = {} }", "t.conf").Entries();
        Assert.Equal(["a t.conf:1", "b.c t.conf:2", "b.\"d.e\" t.conf:3"], entries.Select(e => $"{e.Path} {e.KeyOrigin}"));
    }

    [Fact]
    public void Unknown_keys_must_come_with_what_was_probably_meant()
    {
        var fields = Config.Parse("adresses = 1\nname = 2\nfailbcak = 3\nzzz = 4", "t.conf").Root;
        var unknown = KeyChecks.FindUnknown(fields, ["addresses", "name", "failback", "failover"]).ToList();
        Assert.Equal(["adresses addresses 1", "failbcak failback 3", "zzz  4"], unknown.Select(u => $"{u.Key} {u.Suggestion} {u.Origin.Line}"));
    }

    [Theory]
    [InlineData("a.b.c", "a|b|c")]
    [InlineData("a.\"b.c\"", "a|b.c")]
    [InlineData("10.0foo", "10|0foo")]
    [InlineData("\"\".x", "|x")]
    [InlineData(" a b . c ", "a b | c")]
    public void Path_must_parse_and_print_back(string expression, string keys)
    {
        var path = ConfigPath.Parse(expression);
        Assert.Equal(keys, string.Join('|', path.Keys));
        Assert.Equal(path, ConfigPath.Parse(path.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a=b")]
    [InlineData("\"a")]
    public void Path_that_is_none_must_be_refused(string expression) => Assert.Throws<ConfigSyntaxException>(() => ConfigPath.Parse(expression));
}
