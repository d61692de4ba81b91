using ClusterActors.Model;

namespace ClusterActors.Cluster.Groups;

/// <summary>A server that knew more than this one when they first met.</summary>
/// <param name="Own">Where this server's journal ended.</param>
/// <param name="Theirs">Where that of the other one did.</param>
internal sealed record OlderJournal(ServerName Peer, string Own, string Theirs);

/// <summary>
/// Whose journal knows more, found out where servers first meet in this life of the daemon. Later on a peer is ahead with each of its steps, which
/// says nothing about a journal. A group that is still recovering is compared when it is there, with what the peer told first.
/// </summary>
internal sealed class FirstMeetings
{
    private readonly Dictionary<GroupName, GroupRecord> _own = [];
    private readonly Dictionary<(ServerName Peer, GroupName Group), GroupRecord> _waiting = [];
    private readonly HashSet<(ServerName Peer, GroupName Group)> _met = [];
    private readonly HashSet<ServerName> _told = [];
    private readonly List<OlderJournal> _older = [];

    public void OnOwn(GroupRecord own)
    {
        _own[own.Group] = own;
        foreach (var (pair, told) in _waiting.Where(w => w.Key.Group == own.Group).ToList())
        {
            _waiting.Remove(pair);
            Compare(pair.Peer, own, told);
        }
    }

    public void OnPeer(ServerName peer, IEnumerable<GroupRecord> records)
    {
        foreach (var told in records.Where(r => _met.Add((peer, r.Group))))
            if (_own.TryGetValue(told.Group, out var own))
                Compare(peer, own, told);
            else
                _waiting[(peer, told.Group)] = told;
    }

    /// <summary>What was found since the last call: each server at most once.</summary>
    public IReadOnlyList<OlderJournal> TakeOlder()
    {
        if (_older.Count == 0)
            return [];
        OlderJournal[] found = [.. _older];
        _older.Clear();
        return found;
    }

    private void Compare(ServerName peer, GroupRecord own, GroupRecord told)
    {
        var merged = own.Merge(told);
        var isStateNewer = (merged.Term, merged.Generation) != (own.Term, own.Generation);
        var isWishNewer = (merged.WishTerm, merged.WishGeneration) != (own.WishTerm, own.WishGeneration);
        if ((isStateNewer || isWishNewer) && _told.Add(peer))
            _older.Add(new(peer, Words(own, isStateNewer), Words(told, isStateNewer)));
    }

    private static string Words(GroupRecord record, bool ofState) => ofState
        ? $"group {record.Group}, term {record.Term}, generation {record.Generation}"
        : $"group {record.Group}, wish of term {record.WishTerm}, generation {record.WishGeneration}";
}
