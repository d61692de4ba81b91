using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ClusterActors.Linux.Sockets;

/// <summary>
/// An IPv4 or IPv6 address and port in the form the kernel wants (sockaddr_in, sockaddr_in6), made once and then sent to or compared
/// with without allocation.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct NativeEndpoint : IEquatable<NativeEndpoint>
{
    internal const int Capacity = 28;
    internal const int IPv4Bytes = 16;
    internal const int IPv6Bytes = 28;

    internal fixed byte Bytes[Capacity];
    internal uint Length;

    public static NativeEndpoint From(IPEndPoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var result = default(NativeEndpoint);
        var bytes = new Span<byte>(result.Bytes, Capacity);
        var address = endpoint.Address;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], checked((ushort)endpoint.Port));
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            MemoryMarshal.Write(bytes, (ushort)SocketNative.FamilyIPv4);
            address.TryWriteBytes(bytes[4..8], out _);
            result.Length = IPv4Bytes;
        }
        else
        {
            MemoryMarshal.Write(bytes, (ushort)SocketNative.FamilyIPv6);
            address.TryWriteBytes(bytes[8..24], out _);
            MemoryMarshal.Write(bytes[24..], (uint)address.ScopeId);
            result.Length = IPv6Bytes;
        }

        return result;
    }

    public readonly bool IsIPv4 => Length == IPv4Bytes;

    /// <summary>For messages to people; allocates.</summary>
    public readonly IPEndPoint ToEndPoint()
    {
        fixed (byte* start = Bytes)
        {
            var bytes = new ReadOnlySpan<byte>(start, Capacity);
            int port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            return IsIPv4
                ? new IPEndPoint(new IPAddress(bytes[4..8]), port)
                : new IPEndPoint(new IPAddress(bytes[8..24], MemoryMarshal.Read<uint>(bytes[24..])), port);
        }
    }

    /// <summary>Same address, port and, for IPv6, scope; the flow label does not count.</summary>
    public readonly bool Equals(NativeEndpoint other)
    {
        if (Length != other.Length)
            return false;
        fixed (byte* start = Bytes)
        {
            var mine = new ReadOnlySpan<byte>(start, Capacity);
            var theirs = new ReadOnlySpan<byte>(other.Bytes, Capacity);
            return IsIPv4
                ? mine[..8].SequenceEqual(theirs[..8])
                : mine[..4].SequenceEqual(theirs[..4]) && mine[8..28].SequenceEqual(theirs[8..28]);
        }
    }

    public override readonly bool Equals(object? obj) => obj is NativeEndpoint other && Equals(other);

    public override readonly int GetHashCode()
    {
        fixed (byte* start = Bytes)
            return HashCode.Combine(MemoryMarshal.Read<ulong>(new ReadOnlySpan<byte>(start, 8)), Length);
    }

    /// <summary>Hash of the address without port and scope: one host has one value.</summary>
    public readonly int AddressHash()
    {
        fixed (byte* start = Bytes)
        {
            return IsIPv4
                ? MemoryMarshal.Read<int>(new ReadOnlySpan<byte>(start + 4, 4)) * -1640531527
                : HashCode.Combine(MemoryMarshal.Read<ulong>(new ReadOnlySpan<byte>(start + 8, 8)), MemoryMarshal.Read<ulong>(new ReadOnlySpan<byte>(start + 16, 8)));
        }
    }

    public override readonly string ToString() => ToEndPoint().ToString();

    public static bool operator ==(NativeEndpoint left, NativeEndpoint right) => left.Equals(right);

    public static bool operator !=(NativeEndpoint left, NativeEndpoint right) => !left.Equals(right);
}
