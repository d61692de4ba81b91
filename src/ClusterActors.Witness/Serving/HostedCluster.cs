using ClusterActors.Linux.Sockets;
using ClusterActors.Model.Voting;
using ClusterActors.Witness.Storage;

namespace ClusterActors.Witness.Serving;

/// <summary>One cluster: its key, its voter, its store. Owned by the socket loop's thread.</summary>
internal sealed class HostedCluster : IDisposable
{
    private readonly RecordStore _store;
    private readonly NativeEndpoint[] _sources;
    private WitnessCodec _codec;

    private HostedCluster(WitnessClusterFile file, RecordStore store, WitnessVoter voter)
    {
        (File, _store, Voter) = (file, store, voter);
        _codec = new WitnessCodec(file.ClusterId, file.Key);
        _sources = new NativeEndpoint[32];
    }

    public WitnessClusterFile File { get; private set; }

    public WitnessVoter Voter { get; private set; }

    /// <summary>What was found when the store was opened; null when all was as left.</summary>
    public string? Finding => _store.Finding;

    /// <summary>Requests that were taken.</summary>
    public long Requests { get; private set; }

    /// <summary>Datagrams of this cluster's id whose code does not fit: a wrong key, or a forger.</summary>
    public long Forged { get; private set; }

    /// <summary>Opens the store and stores the new epoch before the first request.</summary>
    public static HostedCluster Open(WitnessClusterFile file, WitnessPaths paths, Guid boot, long now)
    {
        var store = RecordStore.Open(paths, file.ClusterId, boot);
        var voter = new WitnessVoter(store.Found, file.Servers, store.IsContinuous, now);
        store.Write(voter.Record);
        return new HostedCluster(file, store, voter);
    }

    /// <summary>
    /// A changed file for the same cluster. Another number of servers makes a new voter from the record that is in force: the store is known to be the newest.
    /// </summary>
    public void Change(WitnessClusterFile file, long now)
    {
        var old = _codec;
        _codec = new WitnessCodec(file.ClusterId, file.Key);
        old.Dispose();
        if (file.Servers != File.Servers)
        {
            Voter = new WitnessVoter(Voter.Record, file.Servers, continuous: true, now);
            _store.Write(Voter.Record);
        }

        File = file;
    }

    /// <summary>Answers one datagram into <paramref name="answer"/>; false when there is nothing to send.</summary>
    /// <exception cref="IOException">The record could not be stored.</exception>
    public bool Answer(ReadOnlySpan<byte> datagram, in NativeEndpoint source, long now, Span<byte> answer, out bool forged)
    {
        forged = _codec.Read(datagram, out WitnessRequest request) != WitnessRefusal.None;
        if (forged)
        {
            Forged++;
            return false;
        }

        Requests++;
        _sources[request.Sender] = source;
        var step = Voter.On(in request, now, out var decided);
        if (step == WitnessStep.Ignore)
            return false;
        if (step == WitnessStep.StoreThenAnswer)
            _store.Write(Voter.Record);
        _codec.Write(in decided, answer);
        return true;
    }

    /// <summary>The administrator's word that nothing newer exists; durable when it returns.</summary>
    public void RegisterByHand()
    {
        Voter.RegisterByHand();
        _store.Write(Voter.Record);
    }

    /// <summary>Where the server's newest request came from.</summary>
    public string SourceOf(int server) => Voter.View(server).Met ? _sources[server].ToString() : "";

    public void Dispose()
    {
        _codec.Dispose();
        _store.Dispose();
    }
}
