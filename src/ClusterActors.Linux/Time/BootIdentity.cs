using System.Buffers.Binary;

namespace ClusterActors.Linux.Time;

/// <summary>The kernel's name for the time since its last start (random(4), <c>boot_id</c>).</summary>
public static class BootIdentity
{
    private const string Source = "/proc/sys/kernel/random/boot_id";

    /// <exception cref="InvalidDataException">The kernel's file does not hold a UUID.</exception>
    public static Guid Read()
    {
        var text = File.ReadAllText(Source).Trim();
        return Guid.TryParse(text, out var id)
            ? id
            : throw new InvalidDataException($"{Source}: found '{text}'; a UUID is expected; is /proc mounted?");
    }

    /// <summary>The id folded to 64 bits: both halves are random, so their exclusive or is too.</summary>
    public static ulong Fold(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
    }
}
