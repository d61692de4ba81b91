using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ClusterActors.Model.Voting;

/// <summary>A server's entry in a vote store. Each new one asks the others not to take over for <see cref="Vow"/>.</summary>
/// <param name="Term">Term the server is in.</param>
/// <param name="Vow">How long whoever sees it must wait, on its own clock.</param>
public readonly record struct CounterRecord(Term Term, Incarnation Incarnation, ulong Counter, TimeSpan Vow)
{
    private const string Format = "counter-1";

    /// <summary>Key of a server's entry.</summary>
    public static string KeyOf(int server) => string.Create(CultureInfo.InvariantCulture, $"server-{server}");

    public string Write() => string.Create(CultureInfo.InvariantCulture, $"{Format} {Term} {Incarnation} {Counter} {(long)Vow.TotalMilliseconds}");

    /// <summary>False for anything that <see cref="Write"/> does not write.</summary>
    public static bool TryRead(string text, out CounterRecord record)
    {
        record = default;
        var words = text.Split(' ');
        if (words.Length != 5 || words[0] != Format || !StoreWords.TryTerm(words[1], out var term) || !StoreWords.TryIncarnation(words[2], out var incarnation)
            || !ulong.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var counter)
            || !long.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var vow))
            return false;
        record = new(term, incarnation, counter, TimeSpan.FromMilliseconds(vow));
        return true;
    }
}

/// <summary>The one vote of the store.</summary>
/// <param name="Term">Term it was given for; the candidate is its <see cref="Term.ServerIndex"/>.</param>
/// <param name="Excluded">Bit i = server i is refused everything in older terms.</param>
/// <param name="OlderTerm">The vote that it replaced, in force again when this one is given back; zero = none.</param>
public readonly record struct VoteRecord(Term Term, Incarnation Incarnation, uint Excluded, Term OlderTerm, uint OlderExcluded)
{
    public const string Key = "vote";
    private const string Format = "vote-1";

    /// <summary>This vote refuses the server in that term.</summary>
    public bool Refuses(int server, Term term) => Term > term && (Excluded & (1u << server)) != 0;

    /// <summary>What stays when the vote is given back unused.</summary>
    public VoteRecord GivenBack => new(OlderTerm, default, OlderExcluded, Term.Zero, 0);

    public string Write() => string.Create(CultureInfo.InvariantCulture, $"{Format} {Term} {Incarnation} {Excluded:x8} {OlderTerm} {OlderExcluded:x8}");

    /// <summary>False for anything that <see cref="Write"/> does not write.</summary>
    public static bool TryRead(string text, out VoteRecord record)
    {
        record = default;
        var words = text.Split(' ');
        if (words.Length != 6 || words[0] != Format || !StoreWords.TryTerm(words[1], out var term) || !StoreWords.TryIncarnation(words[2], out var incarnation)
            || !StoreWords.TryMask(words[3], out var excluded) || !StoreWords.TryTerm(words[4], out var older) || !StoreWords.TryMask(words[5], out var olderExcluded))
            return false;
        record = new(term, incarnation, excluded, older, olderExcluded);
        return true;
    }
}

internal static class StoreWords
{
    public static bool TryTerm(string text, out Term term)
    {
        term = default;
        if (!Split(text, '.', out var number, out var index)
            || !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            || !int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var server) || server > 31)
            return false;
        term = new(value, server);
        return true;
    }

    public static bool TryIncarnation(string text, out Incarnation incarnation)
    {
        incarnation = default;
        if (!Split(text, '-', out var boot, out var counter)
            || !ulong.TryParse(boot, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
            || !uint.TryParse(counter, NumberStyles.None, CultureInfo.InvariantCulture, out var start))
            return false;
        incarnation = new(id, start);
        return true;
    }

    public static bool TryMask(string text, out uint mask) => uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out mask);

    private static bool Split(string text, char at, [NotNullWhen(true)] out string? before, [NotNullWhen(true)] out string? after)
    {
        var index = text.IndexOf(at, StringComparison.Ordinal);
        (before, after) = index < 0 ? (null, null) : (text[..index], text[(index + 1)..]);
        return index >= 0;
    }
}
