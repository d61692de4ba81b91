using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace ClusterActors.Persistence;

/// <summary>
/// CRC-32C over a stored row, so that a row that was changed, or that belongs to another stream or number, is found when it is read.
/// It protects against accidents; whoever can write the file can also compute it.
/// </summary>
internal static class RowChecksum
{
    public static long Of(string persistenceId, long sequenceNr, in StoredForm form)
    {
        var crc = Append(~0u, persistenceId);
        crc = BitOperations.Crc32C(crc, (ulong)sequenceNr);
        crc = Append(crc, form.Manifest);
        crc = BitOperations.Crc32C(crc, (uint)form.Version);
        return ~Append(crc, form.Json.Span);
    }

    private static uint Append(uint crc, string text)
    {
        Span<byte> buffer = stackalloc byte[512];
        if (Encoding.UTF8.TryGetBytes(text, buffer, out var written))
        {
            return Append(crc, buffer[..written]);
        }

        return Append(crc, Encoding.UTF8.GetBytes(text));
    }

    private static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return crc;
    }
}
