using ClusterActors.Linux.Watchdog;

namespace ClusterActors.Linux.Tests.Watchdog;

/// <summary>The real device would reset the machine, so a file stands for it; it takes the same writes.</summary>
public sealed class WatchdogDeviceTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Stand_in_must_say_that_it_is_one()
    {
        using var device = WatchdogDevice.Open(_file, TimeSpan.FromSeconds(2.5));
        Assert.True(device.IsStandIn);
        Assert.Equal(TimeSpan.FromSeconds(3), device.Timeout);
        Assert.Contains("resets nothing", device.Identity, StringComparison.Ordinal);
    }

    [Fact]
    public void Feeding_must_write_and_only_an_orderly_close_must_stop_it()
    {
        using (var device = WatchdogDevice.Open(_file, TimeSpan.FromSeconds(10)))
        {
            Assert.Equal(0, device.Feed());
            Assert.Equal(0, device.Feed());
        }

        Assert.Equal("\n\n", File.ReadAllText(_file));
        var orderly = WatchdogDevice.Open(_file, TimeSpan.FromSeconds(10));
        Assert.Equal(0, orderly.Feed());
        orderly.CloseInOrder();
        Assert.Equal("\nV", File.ReadAllText(_file));
        Assert.NotEqual(0, orderly.Feed());
    }

    [Fact]
    public void Missing_device_must_be_named_with_what_to_do()
    {
        var missing = Assert.Throws<LinuxException>(() => WatchdogDevice.Open("/dev/watchdog-that-is-not-there", TimeSpan.FromSeconds(10)));
        Assert.Contains("watchdog-that-is-not-there", missing.Message, StringComparison.Ordinal);
        Assert.Contains("softdog", missing.Message, StringComparison.Ordinal);
    }
}
