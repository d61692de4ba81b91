namespace ClusterActors.Hocon.Tests;

public sealed class IncludeTests
{
    [Theory]
    [InlineData("include \"b.conf\"")]
    [InlineData("include   \n \"b.conf\"")]
    [InlineData("include file(\"b.conf\")")]
    [InlineData("include file( \"b.conf\" )")]
    [InlineData("include required(\"b.conf\")")]
    [InlineData("include required(file(\"b.conf\"))")]
    [InlineData("include required( file( \"b.conf\" ) )")]
    [InlineData("include \"/etc/clp/b.conf\"")]
    [InlineData("include \"../clp/./b.conf\"")]
    [InlineData("include \"b\"")]
    public void Include_must_take_the_file_in_each_form(string statement)
    {
        var files = new MemoryConfigFiles().With("/etc/clp/a.conf", statement + "\nx = 1").With("/etc/clp/b.conf", "y = 2");
        var config = ConfigLoader.Load("/etc/clp/a.conf", files);
        Assert.Equal("""{"y":2,"x":1}""", config.ToString());
        Assert.Equal("/etc/clp/b.conf:1", config.OriginOf("y").ToString());
    }

    [Theory]
    [InlineData("a = 1, include \"b.conf\", a = 3", """{"a":3}""")]
    [InlineData("a = 1, include \"b.conf\"", """{"a":2}""")]
    [InlineData("o { p = 1 }, include \"c.conf\", o { r = 3 }", """{"o":{"p":1,"q":2,"r":3}}""")]
    [InlineData("o { include \"b.conf\" }", """{"o":{"a":2}}""")]
    [InlineData("l = [{ include \"b.conf\" }]", """{"l":[{"a":2}]}""")]
    [InlineData("include \"missing.conf\", a = 1", """{"a":1}""")]
    [InlineData("include \"both\"", """{"from":"conf","json":true}""")]
    [InlineData("include \"plain\"", """{"plain":1}""")]
    public void Included_keys_must_merge_in_place(string text, string expected)
    {
        var files = new MemoryConfigFiles()
            .With("main.conf", text)
            .With("b.conf", "a = 2")
            .With("c.conf", "o { q = 2 }")
            .With("both.json", """{ "from": "json", "json": true }""")
            .With("both.conf", "from = conf")
            .With("plain", "plain = 1");
        Assert.Equal(expected, ConfigLoader.Load("main.conf", files).ToString());
    }

    [Fact]
    public void Relative_name_must_be_relative_to_the_including_file()
    {
        var files = new MemoryConfigFiles()
            .With("/etc/clp/main.conf", "include \"servers/s1.conf\"")
            .With("/etc/clp/servers/s1.conf", "include \"common.conf\"\ninclude \"../top.conf\"")
            .With("/etc/clp/servers/common.conf", "common = 1")
            .With("/etc/clp/top.conf", "top = 1");
        Assert.Equal("""{"common":1,"top":1}""", ConfigLoader.Load("/etc/clp/main.conf", files).ToString());
    }

    [Theory]
    [InlineData("a { include \"foo.conf\" }", """{"a":{"x":10,"y":10}}""")]
    [InlineData("a { include \"foo.conf\" }, a { x = 42 }", """{"a":{"x":42,"y":42}}""")]
    [InlineData("a { include \"rooted.conf\" }, root = 5", """{"a":{"y":5},"root":5}""")]
    [InlineData("a.b { include \"outer.conf\" }, root = 5", """{"a":{"b":{"c":{"x":1,"own":1,"middle":7,"top":5},"m":7}},"root":5}""")]
    [InlineData("a { include \"selfref.conf\" }", """{"a":{"p":"12"}}""")]
    public void Substitutions_of_included_file_must_look_in_its_place_first(string text, string expected)
    {
        var files = new MemoryConfigFiles()
            .With("main.conf", text)
            .With("foo.conf", "x = 10, y = ${x}")
            .With("rooted.conf", "y = ${root}")
            .With("outer.conf", "c { include \"inner.conf\" }, m = 7")
            .With("inner.conf", "x = 1, own = ${x}, middle = ${m}, top = ${root}")
            .With("selfref.conf", "p = 1, p = ${p}2");
        Assert.Equal(expected, ConfigLoader.Load("main.conf", files).ToString());
    }

    [Theory]
    [InlineData("\ninclude required(\"missing.conf\")", "main.conf:2: the required file 'missing.conf' is not there")]
    [InlineData("include \"list.conf\"", "main.conf:1: the included file 'list.conf' holds a list")]
    [InlineData("include \"loop.conf\"", "loop.conf:2: 'main.conf' includes itself (main.conf -> loop.conf -> main.conf)")]
    [InlineData("\ninclude \"latin.conf\"", "latin.conf:1: the file is not UTF-8 (byte 4); save it as UTF-8")]
    [InlineData("include \"long.conf\"", "long.conf:1001: the file is not UTF-8 (byte 7004)")]
    [InlineData("\ninclude \"\"", "main.conf:2: the name of the file is empty; name a file")]
    [InlineData("\ninclude \"a\\u0000b.conf\"", "main.conf:2: the name of the file, 'a\\u0000b.conf', holds the character U+0000")]
    [InlineData("include \"bad.conf\"", "bad.conf:2: found '='")]
    [InlineData("include url(\"http://x/y\")", "main.conf:1: include url() is not available")]
    [InlineData("include classpath(\"x\")", "main.conf:1: include classpath() is not available")]
    [InlineData("include \"https://x/y.conf\"", "main.conf:1: include of the address")]
    [InlineData("include files(\"x\")", "main.conf:1: found include files(")]
    [InlineData("include required(\"b.conf\"", "main.conf:1: found include required(")]
    [InlineData("include b.conf", "main.conf:1: found the end of the file after include")]
    [InlineData("l = [{ include \"refs.conf\" }]", "refs.conf:1: found ${x} in a file that is included inside a list")]
    public void Include_that_cannot_be_taken_must_be_refused(string text, string start)
    {
        var files = new MemoryConfigFiles()
            .With("main.conf", text)
            .With("list.conf", "[1]")
            .With("loop.conf", "\ninclude \"main.conf\"")
            .With("latin.conf", [(byte)'a', (byte)' ', (byte)'=', (byte)' ', 0xe9])
            .With("long.conf", [.. System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a = ü\n", 1000))), .. "b = "u8, 0xe9, (byte)'\n'])
            .With("bad.conf", "\na = b = c")
            .With("refs.conf", "x = 1, y = ${x}");
        var error = Assert.ThrowsAny<ConfigException>(() => ConfigLoader.Load("main.conf", files));
        Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Include_must_be_refused_when_there_are_no_files() =>
        Assert.Throws<ConfigFileException>(() => Config.Parse("include \"x.conf\"", "t.conf"));

    [Fact]
    public void Missing_main_file_must_be_refused() =>
        Assert.StartsWith("/etc/none.conf: there is no such file", Assert.Throws<ConfigFileException>(() => ConfigLoader.Load("/etc/none.conf", new MemoryConfigFiles())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "configuration: the name of the file is empty; name a file")]
    [InlineData("a\0b", "a\0b: the name of the file, 'a\\u0000b', holds the character U+0000")]
    public void Name_that_no_file_has_must_be_refused(string path, string start) =>
        Assert.StartsWith(start, Assert.Throws<ConfigFileException>(() => ConfigLoader.Load(path, new DiskConfigFiles())).Message, StringComparison.Ordinal);

    /// <summary>A pipe is what <c>&lt;(command)</c> and a redirected standard input are; the files of /proc say that they are empty.</summary>
    [Fact]
    public void Disk_files_must_read_what_has_no_length_up_to_the_bound()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        pipe.Write("a = 1\n"u8);
        pipe.SafePipeHandle.Dispose();
        Assert.Equal("a = 1\n"u8, new DiskConfigFiles().Read($"/proc/self/fd/{pipe.GetClientHandleAsString()}")!);
        Assert.NotEmpty(new DiskConfigFiles().Read("/proc/self/status")!);
        var error = Assert.Throws<ConfigFileException>(() => ConfigLoader.Load("/dev/zero", new DiskConfigFiles()));
        Assert.EndsWith("cannot be read: it has more than 4194304 bytes; at most that many are read as configuration", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Disk_files_must_tell_a_missing_file_from_an_unreadable_one()
    {
        var directory = Directory.CreateTempSubdirectory("hocon-tests");
        try
        {
            File.WriteAllText(Path.Combine(directory.FullName, "a.conf"), "include \"b.conf\", x = 1");
            File.WriteAllText(Path.Combine(directory.FullName, "b.conf"), "y = 2");
            Assert.Equal("""{"y":2,"x":1}""", ConfigLoader.Load(Path.Combine(directory.FullName, "a.conf"), new DiskConfigFiles()).ToString());
            Assert.Null(new DiskConfigFiles().Read(Path.Combine(directory.FullName, "none", "c.conf")));

            Directory.CreateDirectory(Path.Combine(directory.FullName, "dir.conf"));
            var error = Assert.Throws<ConfigFileException>(() => ConfigLoader.Load(Path.Combine(directory.FullName, "dir.conf"), new DiskConfigFiles()));
            Assert.EndsWith("dir.conf' cannot be read: it is a directory; name a file in it", error.Message, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(directory.FullName, "d.conf"), "\ninclude \"dir.conf\"");
            error = Assert.Throws<ConfigFileException>(() => ConfigLoader.Load(Path.Combine(directory.FullName, "d.conf"), new DiskConfigFiles()));
            Assert.Equal(2, error.Origin.Line);
            Assert.EndsWith("it is a directory; name a file in it", error.Message, StringComparison.Ordinal);
            Assert.Contains("'/' cannot be read: it is a directory", Assert.Throws<ConfigFileException>(() => ConfigLoader.Load("/", new DiskConfigFiles())).Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
