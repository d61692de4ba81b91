using System.Globalization;
using System.Text;
using ClusterActors.Linux.Files;
using ClusterActors.Model.Voting;

namespace ClusterActors.Witness.Storage;

/// <summary>
/// One cluster's record: durable in two slots, and after each durable write the same epoch in a small file in /run. When both agree at the next start, on this
/// boot, nobody has put an older record in the place of the newest. Blocks on the disk; one thread.
/// </summary>
internal sealed class RecordStore : IDisposable
{
    private readonly TwoSlotFile _file;
    private readonly FileStream _continuity;
    private readonly Guid _boot;

    private RecordStore(TwoSlotFile file, FileStream continuity, Guid boot, WitnessRecord found, bool continuous, string? finding) =>
        (_file, _continuity, _boot, Found, IsContinuous, Finding) = (file, continuity, boot, found, continuous, finding);

    /// <summary>The record at start; an empty one with a new id when there was none.</summary>
    public WitnessRecord Found { get; }

    /// <summary>It is proven that <see cref="Found"/> is the newest.</summary>
    public bool IsContinuous { get; }

    /// <summary>What was wrong or new, as a sentence; null when all was as left.</summary>
    public string? Finding { get; }

    /// <param name="boot">The kernel's boot id.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static RecordStore Open(WitnessPaths paths, Guid cluster, Guid boot)
    {
        var path = $"{paths.State}/{cluster:N}.state";
        var (record, finding) = Read(path);
        var continuity = new FileStream($"{paths.Run}/{cluster:N}.epoch", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        using var reader = new StreamReader(continuity, Encoding.ASCII, leaveOpen: true);
        var continuous = record is not null && reader.ReadToEnd() == Proof(boot, record);
        return new RecordStore(TwoSlotFile.Open(path), continuity, boot, record ?? new WitnessRecord { StoreId = Guid.NewGuid() }, continuous, finding);
    }

    /// <summary>Returns when the record is on stable storage.</summary>
    /// <exception cref="IOException">The disk refused: this life of the witness must end, since it has decided what it could not store.</exception>
    public void Write(WitnessRecord record)
    {
        _file.Write(WitnessRecordCodec.Encode(record));
        // Only after the disk has it: when the process dies in between, the older epoch here leads to a longer wait, never to a shorter one.
        var proof = Encoding.ASCII.GetBytes(Proof(_boot, record));
        _continuity.Position = 0;
        _continuity.Write(proof);
        _continuity.SetLength(proof.Length);
        _continuity.Flush();
    }

    public void Dispose()
    {
        _file.Dispose();
        _continuity.Dispose();
    }

    /// <summary>The epoch has a fixed width: a file that is overwritten halfway never looks whole.</summary>
    private static string Proof(Guid boot, WitnessRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"{boot:N} {record.StoreId:N} {record.Epoch:D20}\n");

    private static (WitnessRecord? Record, string? Finding) Read(string path)
    {
        if (!File.Exists(path))
            return (null, $"{path}: not there; a new store begins, and every server must register with it");
        try
        {
            var bytes = TwoSlotFile.Read(path) ?? throw new FormatException("neither of the two slots has a valid checksum: damaged");
            return (WitnessRecordCodec.Decode(bytes), null);
        }
        catch (FormatException problem)
        {
            File.Move(path, path + ".damaged", overwrite: true);
            return (null, $"{path}: {problem.Message}; kept as {path}.damaged; a new store begins, and every server must register with it");
        }
    }
}
