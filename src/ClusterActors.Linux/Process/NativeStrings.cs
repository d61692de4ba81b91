using System.Runtime.InteropServices;
using System.Text;

namespace ClusterActors.Linux.Process;

/// <summary>A null-terminated array of null-terminated strings, as exec(3) takes its arguments and environment.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private byte** _array;

    /// <exception cref="ArgumentException">A string holds a null character, which would cut it.</exception>
    public NativeStrings(IReadOnlyList<string> strings, string what)
    {
        var bytes = (nuint)((strings.Count + 1) * sizeof(byte*));
        foreach (var text in strings)
        {
            if (text.Contains('\0'))
                throw new ArgumentException($"{what}: found a null character in '{text.Replace("\0", "\\0")}'; strings for a program cannot hold one");
            bytes += (nuint)Encoding.UTF8.GetByteCount(text) + 1;
        }

        // One block: the pointers first, the bytes behind them.
        _array = (byte**)NativeMemory.Alloc(bytes);
        var next = (byte*)(_array + strings.Count + 1);
        var end = (byte*)_array + bytes;
        for (var index = 0; index < strings.Count; index++)
        {
            _array[index] = next;
            next += Encoding.UTF8.GetBytes(strings[index], new Span<byte>(next, (int)(end - next)));
            *next++ = 0;
        }

        _array[strings.Count] = null;
    }

    public byte** Pointer => _array;

    public void Dispose()
    {
        NativeMemory.Free(_array);
        _array = null;
    }
}
