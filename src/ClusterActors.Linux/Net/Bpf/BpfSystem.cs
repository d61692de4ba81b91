using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterActors.Linux.Net.Bpf;

/// <summary>The few bpf(2) commands the fence uses. Each takes the start of the kernel's <c>union bpf_attr</c> as plain words.</summary>
internal static unsafe class BpfSystem
{
    public const int HashMap = 1;
    public const int ArrayMap = 2;
    public const uint Mappable = 1u << 10;

    /// <summary>Where <see cref="IdOf"/> finds a tcx link's interface number; 0 when the interface is gone.</summary>
    public const int InterfaceWord = 4;
    public const uint TcxIngress = 46;
    public const uint TcxEgress = 47;
    private const int AttributeBytes = 128;
    private const int LogBytes = 256 * 1024;
    private const uint SchedClassifier = 3;
    private const uint PlaceFirst = 1u << 3;

    private static readonly nint CallNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 321,
        Architecture.Arm64 => 280,
        _ => -1,
    };

    public static int CreateMap(int type, int keyBytes, int valueBytes, int entries, uint flags, string name)
    {
        var attribute = stackalloc uint[AttributeBytes / 4];
        Clear(attribute);
        attribute[0] = (uint)type;
        attribute[1] = (uint)keyBytes;
        attribute[2] = (uint)valueBytes;
        attribute[3] = (uint)entries;
        attribute[4] = flags;
        Name(attribute + 7, name);
        return Call(0, attribute, $"cannot create map {name}");
    }

    public static int LoadProgram(ReadOnlySpan<ulong> instructions, string name)
    {
        fixed (ulong* code = instructions)
        {
            var fd = TryLoad(code, instructions.Length, name, null);
            if (fd >= 0) return fd;
            var errno = NetNative.LastErrno;
            // Only a refused program is loaded again with the verifier's log, which costs time and memory.
            var log = new byte[LogBytes];
            fd = TryLoad(code, instructions.Length, name, log);
            if (fd >= 0) return fd;
            var said = Encoding.ASCII.GetString(log).TrimEnd('\0').TrimEnd();
            throw new NetworkException("bpf", $"cannot load program {name}", errno, said.Length > 600 ? said[^600..] : said);
        }
    }

    private static int TryLoad(ulong* code, int count, string name, byte[]? log)
    {
        var attribute = stackalloc uint[AttributeBytes / 4];
        Clear(attribute);
        // No helper in use asks for a GPL-compatible licence; the kernel only wants a string.
        byte license = 0;
        attribute[0] = SchedClassifier;
        attribute[1] = (uint)count;
        *(ulong*)(attribute + 2) = (ulong)code;
        *(ulong*)(attribute + 4) = (ulong)&license;
        Name(attribute + 12, name);
        fixed (byte* text = log)
        {
            attribute[6] = log is null ? 0 : 1u;
            attribute[7] = (uint)(log?.Length ?? 0);
            *(ulong*)(attribute + 8) = (ulong)text;
            return TryCall(5, attribute);
        }
    }

    /// <summary>Attaches before every other program, so that none of them can let a packet past this one.</summary>
    public static int CreateTcxLink(int programFd, int interfaceIndex, uint attachType)
    {
        var attribute = stackalloc uint[AttributeBytes / 4];
        Clear(attribute);
        attribute[0] = (uint)programFd;
        attribute[1] = (uint)interfaceIndex;
        attribute[2] = attachType;
        attribute[3] = PlaceFirst;
        return Call(28, attribute, $"cannot attach to interface number {interfaceIndex} by tcx");
    }

    public static void UpdateLink(int linkFd, int programFd)
    {
        var attribute = stackalloc uint[AttributeBytes / 4];
        Clear(attribute);
        attribute[0] = (uint)linkFd;
        attribute[1] = (uint)programFd;
        Call(29, attribute, "cannot replace the program of a link");
    }

    public static void Pin(int fd, string path)
    {
        var attribute = stackalloc uint[AttributeBytes / 4];
        Clear(attribute);
        fixed (byte* name = PathBytes(path))
        {
            *(ulong*)attribute = (ulong)name;
            attribute[2] = (uint)fd;
            Call(6, attribute, $"cannot pin {path}");
        }
    }

    /// <summary>Returns -1 when nothing is pinned there.</summary>
    public static int OpenPinned(string path)
    {
        var attribute = stackalloc uint[AttributeBytes / 4];
        Clear(attribute);
        fixed (byte* name = PathBytes(path))
        {
            *(ulong*)attribute = (ulong)name;
            var fd = TryCall(7, attribute);
            if (fd >= 0) return fd;
            var errno = NetNative.LastErrno;
            return errno == Errno.ENOENT ? -1 : throw new NetworkException("bpf", $"cannot open {path}", errno);
        }
    }

    /// <summary>The kernel's own number of a program, map or link, or another word of what it tells about it.</summary>
    public static uint IdOf(int fd, int idWord = 1)
    {
        var info = stackalloc uint[64];
        new Span<uint>(info, 64).Clear();
        var attribute = stackalloc uint[AttributeBytes / 4];
        Clear(attribute);
        attribute[0] = (uint)fd;
        attribute[1] = 64;
        *(ulong*)(attribute + 2) = (ulong)info;
        Call(15, attribute, "cannot read what the kernel has");
        return info[idWord];
    }

    /// <summary>Links of tcx programs on an interface of the calling thread's namespace; null when this kernel has no tcx.</summary>
    public static HashSet<uint>? TcxLinks(int interfaceIndex, uint attachType)
    {
        const int limit = 64;
        var links = stackalloc uint[limit];
        var programs = stackalloc uint[limit];
        var attribute = stackalloc uint[AttributeBytes / 4];
        Clear(attribute);
        attribute[0] = (uint)interfaceIndex;
        attribute[1] = attachType;
        *(ulong*)(attribute + 4) = (ulong)programs;
        attribute[6] = limit;
        *(ulong*)(attribute + 10) = (ulong)links;
        if (TryCall(16, attribute) < 0)
        {
            var errno = NetNative.LastErrno;
            if (errno == Errno.EINVAL) return null;
            throw new NetworkException("bpf", $"cannot list the programs of interface number {interfaceIndex}", errno);
        }
        return [.. new ReadOnlySpan<uint>(links, (int)Math.Min(attribute[6], limit)).ToArray()];
    }

    public static void SetElement(int mapFd, IPAddress key, long value)
    {
        var bytes = stackalloc byte[16];
        key.TryWriteBytes(new Span<byte>(bytes, 16), out _);
        var attribute = stackalloc uint[AttributeBytes / 4];
        Element(attribute, mapFd, bytes, &value);
        Call(2, attribute, $"cannot set {key}");
    }

    /// <summary>Null when the map has no such key.</summary>
    public static long? GetElement(int mapFd, IPAddress key)
    {
        long value = 0;
        var bytes = stackalloc byte[16];
        key.TryWriteBytes(new Span<byte>(bytes, 16), out _);
        var attribute = stackalloc uint[AttributeBytes / 4];
        Element(attribute, mapFd, bytes, &value);
        if (TryCall(1, attribute) >= 0) return value;
        var errno = NetNative.LastErrno;
        return errno == Errno.ENOENT ? null : throw new NetworkException("bpf", $"cannot read {key}", errno);
    }

    public static void DeleteElement(int mapFd, IPAddress key)
    {
        var bytes = stackalloc byte[16];
        key.TryWriteBytes(new Span<byte>(bytes, 16), out _);
        var attribute = stackalloc uint[AttributeBytes / 4];
        Element(attribute, mapFd, bytes, null);
        if (TryCall(3, attribute) < 0 && NetNative.LastErrno != Errno.ENOENT)
            throw new NetworkException("bpf", $"cannot remove {key}", NetNative.LastErrno);
    }

    public static IReadOnlyList<IPAddress> Keys(int mapFd, int keyBytes, int limit)
    {
        var keys = new List<IPAddress>();
        var key = stackalloc byte[16];
        var next = stackalloc byte[16];
        var attribute = stackalloc uint[AttributeBytes / 4];
        byte* from = null;
        while (keys.Count < limit)
        {
            Element(attribute, mapFd, from, next);
            if (TryCall(4, attribute) < 0) break;
            new Span<byte>(next, 16).CopyTo(new Span<byte>(key, 16));
            from = key;
            keys.Add(new IPAddress(new ReadOnlySpan<byte>(key, keyBytes)));
        }
        return keys;
    }

    private static void Element(uint* attribute, int mapFd, void* key, void* value)
    {
        Clear(attribute);
        attribute[0] = (uint)mapFd;
        *(ulong*)(attribute + 2) = (ulong)key;
        *(ulong*)(attribute + 4) = (ulong)value;
    }

    private static int Call(int command, uint* attribute, string what)
    {
        var result = TryCall(command, attribute);
        return result >= 0 ? result : throw new NetworkException("bpf", what, NetNative.LastErrno);
    }

    private static int TryCall(int command, uint* attribute) => (int)NetNative.SystemCall(CallNumber, command, attribute, AttributeBytes);

    private static void Clear(uint* attribute) => new Span<uint>(attribute, AttributeBytes / 4).Clear();

    private static void Name(uint* field, string name)
    {
        var bytes = (byte*)field;
        for (var i = 0; i < Math.Min(name.Length, 15); i++) bytes[i] = (byte)name[i];
    }

    private static byte[] PathBytes(string path) => Encoding.UTF8.GetBytes(path + '\0');
}
