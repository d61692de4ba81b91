using System.Collections.Immutable;
using ClusterActors.Hocon.Tree;

namespace ClusterActors.Hocon.Syntax;

/// <summary>An include statement as written.</summary>
/// <param name="Name">The quoted name.</param>
/// <param name="IsFile">Written <c>file("name")</c>.</param>
/// <param name="IsRequired">Written inside <c>required()</c>.</param>
/// <param name="Origin">Where it stands.</param>
internal sealed record IncludeStatement(string Name, bool IsFile, bool IsRequired, Origin Origin);

/// <summary>Finds and parses included files; null when the file is not there and need not be.</summary>
internal interface IIncluder
{
    RawObject? Include(IncludeStatement statement, SourceScope from, ConfigPath? place);
}

/// <summary>What the parser must know of the text it reads.</summary>
/// <param name="File">Name for origins.</param>
/// <param name="Prefixes">Where the substitutions of this text are looked up, see <see cref="RawReference.Prefixes"/>.</param>
/// <param name="IsInsideList">
/// Whether the text is included from within a list. Such a place has no path, so the text's own substitutions could not find their
/// own file's values; they are refused there.
/// </param>
/// <param name="Includer">How to get included files; null when the text came without any.</param>
/// <param name="Problems">Receives every mistake found.</param>
/// <param name="Nesting">How deep the place of the text is nested already: files that include each other share one bound.</param>
internal sealed record SourceScope(
    string File,
    ImmutableArray<ConfigPath> Prefixes,
    bool IsInsideList,
    IIncluder? Includer,
    List<ConfigException> Problems,
    int Nesting)
{
    public static SourceScope Outermost(string file, IIncluder? includer, List<ConfigException> problems) =>
        new(file, [ConfigPath.Root], false, includer, problems, 0);

    /// <summary>The scope of a file included at <paramref name="place"/> (null: inside a list).</summary>
    public SourceScope Included(string file, ConfigPath? place) => this with
    {
        File = file,
        IsInsideList = IsInsideList || place is null,
        Prefixes = place is null || place.Keys.IsEmpty ? Prefixes : Prefixes.Insert(0, Prefixes[0].Join(place)),
    };
}
