using System.Text;
using ClusterActors.Hocon.Syntax;
using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon;

/// <summary>
/// Loads a file with everything it includes. Names without a leading '/' are relative to the directory of the including file, in
/// <c>file("")</c> too: the directory a daemon happens to run in never matters.
/// </summary>
public sealed class ConfigLoader : IIncluder
{
    private const int DeepestIncludes = 32;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly IConfigFiles _files;
    private readonly List<string> _open = [];

    private ConfigLoader(IConfigFiles files) => _files = files;

    /// <summary>Loads and resolves. Throws the first problem; a file that is not there is one.</summary>
    public static Config Load(string path, IConfigFiles files, EnvironmentLookup? environment = null) => LoadDocument(path, files).Resolve(environment);

    /// <summary>Loads without resolving; problems are in the document. A file that is not there or cannot be read throws.</summary>
    public static ConfigDocument LoadDocument(string path, IConfigFiles files)
    {
        var loader = new ConfigLoader(files);
        var origin = new Origin(path.Length == 0 ? "configuration" : path, 0);
        RequireName(path, origin);
        var text = loader.Read(path, origin) ?? throw new ConfigFileException(origin, "there is no such file; create it, or name another");
        loader._open.Add(Normalize(path));
        return ConfigDocument.Parse(text, path, loader);
    }

    RawObject? IIncluder.Include(IncludeStatement statement, SourceScope from, ConfigPath? place)
    {
        RequireName(statement.Name, statement.Origin);
        var path = Locate(statement.Name, from.File);
        RawObject? included = null;
        foreach (var candidate in Candidates(path, statement.Origin))
        {
            if (Read(candidate, statement.Origin) is not { } text) continue;
            included ??= new RawObject(new Origin(candidate, 1));
            included.AddAll(Parse(text, candidate, statement, from, place));
        }

        if (included is null && statement.IsRequired)
            throw new ConfigFileException(statement.Origin, $"the required file '{path}' is not there; create it, or remove required() if it may be missing");
        return included;
    }

    private RawObject Parse(string text, string path, IncludeStatement statement, SourceScope from, ConfigPath? place)
    {
        if (_open.Contains(path))
            throw new ConfigFileException(statement.Origin, $"'{path}' includes itself ({string.Join(" -> ", _open.Append(path))}); remove one of the includes");
        if (_open.Count >= DeepestIncludes)
            throw new ConfigFileException(statement.Origin, $"files include each other more than {DeepestIncludes} deep; include fewer");
        _open.Add(path);
        try
        {
            var root = HoconParser.Parse(text, from.Included(path, place));
            return root as RawObject
                ?? throw new ConfigFileException(statement.Origin, $"the included file '{path}' holds a list; an included file holds an object");
        }
        finally
        {
            _open.RemoveAt(_open.Count - 1);
        }
    }

    /// <summary>The system takes no such names for files; it would not even look.</summary>
    private static void RequireName(string name, Origin origin)
    {
        if (name.Length == 0) throw new ConfigFileException(origin, "the name of the file is empty; name a file");
        if (name.Contains('\0', StringComparison.Ordinal))
            throw new ConfigFileException(origin, $"the name of the file, '{name.Replace("\0", "\\u0000", StringComparison.Ordinal)}', holds the character U+0000, which no name can; remove it");
    }

    private string? Read(string path, Origin origin)
    {
        try
        {
            return _files.Read(path) is { } content ? Decode(content, path) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigFileException(origin, $"the file '{path}' cannot be read: {failure.Message}");
        }
    }

    private static string Decode(byte[] content, string path)
    {
        try
        {
            return StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException invalid)
        {
            var line = 1 + content.AsSpan(0, invalid.Index).Count((byte)'\n');
            throw new ConfigFileException(new Origin(path, line), $"the file is not UTF-8 (byte {invalid.Index}); save it as UTF-8");
        }
    }

    /// <summary>A name without extension stands for the .json and the .conf file, the latter winning; else for the file of just that name.</summary>
    private IEnumerable<string> Candidates(string path, Origin origin)
    {
        if (Path.HasExtension(path)) return [path];
        string[] both = [path + ".json", path + ".conf"];
        return both.Any(p => Read(p, origin) is not null) ? both : [path];
    }

    private static string Locate(string name, string includingFile)
    {
        if (name.StartsWith('/')) return Normalize(name);
        var slash = includingFile.LastIndexOf('/');
        return Normalize(slash < 0 ? name : includingFile[..(slash + 1)] + name);
    }

    /// <summary>Removes "." and ".." so that a file has one name however it is reached. The root and the directory itself keep theirs.</summary>
    private static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "." || (part.Length == 0 && parts.Count > 0)) continue;
            if (part == ".." && parts.Count > 0 && parts[^1] is not (".." or "")) parts.RemoveAt(parts.Count - 1);
            else parts.Add(part);
        }

        return string.Join('/', parts) is { Length: > 0 } joined ? joined : path.StartsWith('/') ? "/" : ".";
    }
}
