using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Disk;

/// <summary>
/// Tells a new beat in a slot from one that was there before. A slot keeps the last beat of a server that died long ago, so what stands
/// in it when it is first read proves nothing: only a change seen by this reader does. One reader, no allocation after the start.
/// </summary>
public sealed class SlotMemory
{
    private readonly byte[] _last = new byte[GuardianSettings.MaxServers * DiskPage.MaxBeat];
    private readonly int[] _lengths = new int[GuardianSettings.MaxServers];
    private uint _seen;

    /// <summary>True when the beat differs from what this reader saw in the slot before; false for the first look, and for none.</summary>
    public bool IsNew(int writer, ReadOnlySpan<byte> beat)
    {
        Span<byte> last = _last.AsSpan(writer * DiskPage.MaxBeat, DiskPage.MaxBeat);
        bool first = (_seen & (1u << writer)) == 0;
        _seen |= 1u << writer;
        // A page that is being written while it is read may come out damaged: the look at it tells nothing.
        if (beat.IsEmpty || beat.SequenceEqual(last[.._lengths[writer]]))
            return false;
        beat.CopyTo(last);
        _lengths[writer] = beat.Length;
        return !first;
    }
}
