using System.Collections.Concurrent;

namespace ClusterActors.Node.Status;

/// <summary>What an administrator has to know of this daemon before anything else; the top of the status shows it. Any thread.</summary>
internal sealed class Notices
{
    /// <summary>The guardian does not run with the settings of this daemon's configuration.</summary>
    public const string Settings = "settings";

    /// <summary>cluster.conf is not what is in force.</summary>
    public const string Configuration = "configuration";

    /// <summary>A certificate ends soon, or has ended.</summary>
    public const string Certificates = "certificates";

    /// <summary>The journal does not take writes.</summary>
    public const string Journal = "journal";

    /// <summary>An actor's messages wait too long.</summary>
    public const string Mailboxes = "mailboxes";

    private readonly ConcurrentDictionary<string, string> _sentences = new();

    /// <summary>The sentences, in the order of their subjects' names.</summary>
    public IReadOnlyList<string> All => [.. _sentences.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => n.Value)];

    /// <summary>Replaces what is said of a subject; null = there is nothing to say any more. False when the same was said already.</summary>
    public bool Set(string subject, string? sentence)
    {
        if (_sentences.GetValueOrDefault(subject) == sentence)
            return false;
        if (sentence is null)
            _sentences.TryRemove(subject, out _);
        else
            _sentences[subject] = sentence;
        return true;
    }
}
