namespace ClusterActors.Hocon;

/// <summary>Finds keys that nobody reads, and guesses what was meant.</summary>
public static class KeyChecks
{
    /// <summary>The fields of an object whose keys are not among the known ones, each with the known key it resembles.</summary>
    public static IEnumerable<UnknownKey> FindUnknown(ConfigObject fields, IReadOnlyCollection<string> known)
    {
        foreach (var field in fields.Fields)
        {
            if (!known.Contains(field.Key)) yield return new UnknownKey(field.Key, field.KeyOrigin, Nearest(field.Key, known));
        }
    }

    /// <summary>
    /// The word that was probably meant: the one with the fewest inserted, removed, changed or swapped characters, as long as that is
    /// at most a third of the word (at least one, at most three). Null when none is near.
    /// </summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        var limit = Math.Clamp(word.Length / 3, 1, 3);
        return candidates
            .Select(c => (Word: c, Distance: Distance(word.ToLowerInvariant(), c.ToLowerInvariant())))
            .Where(c => c.Distance <= limit)
            .OrderBy(c => c.Distance)
            .ThenBy(c => c.Word, StringComparer.Ordinal)
            .Select(c => c.Word)
            .FirstOrDefault();
    }

    /// <summary>Edit distance that counts a swap of neighbours as one (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = Math.Min(best, rows[i - 2, j - 2] + 1);
                rows[i, j] = best;
            }
        }

        return rows[a.Length, b.Length];
    }
}

/// <summary>A key nobody reads.</summary>
/// <param name="Key">The key as written.</param>
/// <param name="Origin">Where it stands.</param>
/// <param name="Suggestion">The known key it resembles, null when none does.</param>
public sealed record UnknownKey(string Key, Origin Origin, string? Suggestion);
