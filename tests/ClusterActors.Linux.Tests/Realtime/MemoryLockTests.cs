using ClusterActors.Linux.Realtime;

namespace ClusterActors.Linux.Tests.Realtime;

public sealed class MemoryLockTests
{
    [Theory]
    [InlineData("55d0c0000000-55d0c0040000 r-xp 00001000 08:01 393 /opt/clp/bin/clpmonp", 0x40000)]
    [InlineData("7f00a0000000-7f00a0001000 r--p 00000000 08:01 394      /usr/lib/a name/libx.so", 0x1000)]
    [InlineData("7f00a0000000-7f00a0001000 rw-p 00000000 08:01 394 /usr/lib/libx.so", null)]
    [InlineData("7f00a0000000-7f00b0001000 r-xs 00000000 00:05 17 /memfd:doublemapper (deleted)", null)]
    [InlineData("7f00a0000000-7f00b0001000 ---p 00000000 00:00 0 ", null)]
    [InlineData("7ffd10000000-7ffd10002000 r-xp 00000000 00:00 0 [vdso]", null)]
    public void Private_files_that_are_only_read_must_be_brought_into_memory(string line, int? length) =>
        Assert.Equal(length, (int?)(nint?)MemoryLock.ReadOnlyFile(line)?.Length);
}
