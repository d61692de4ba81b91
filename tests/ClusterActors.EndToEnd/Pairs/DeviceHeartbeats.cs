using ClusterActors.Lab;

namespace ClusterActors.EndToEnd.Pairs;

/// <summary>The heartbeats of a pair that are no networks: a shared disk, where this machine has loop devices, and a serial cable.</summary>
internal sealed class DeviceHeartbeats : IAsyncDisposable
{
    private readonly SharedDisk? _disk;
    private readonly SerialCable _cable;

    private DeviceHeartbeats(SharedDisk? disk, SerialCable cable) => (_disk, _cable) = (disk, cable);

    public static async Task<DeviceHeartbeats> CreateAsync()
    {
        if (SharedDisk.MissingReason is { } missing)
            TestContext.Current.SendDiagnosticMessage("without a disk heartbeat: {0}", missing);
        var disk = SharedDisk.MissingReason is null ? await SharedDisk.CreateAsync() : null;
        try
        {
            return new DeviceHeartbeats(disk, await SerialCable.CreateAsync());
        }
        catch
        {
            await (disk?.DisposeAsync() ?? default);
            throw;
        }
    }

    /// <summary>The pair with these heartbeats added, and the partition made.</summary>
    public PairOptions AddedTo(PairOptions options) => options with
    {
        HeartbeatPartition = _disk?.First,
        Settings =
        [
            .. options.Settings,
            $"heartbeats.line {{ type = com, devices {{ server1 = {_cable.First}, server2 = {_cable.Second} }}, priority = 3 }}",
            .. _disk is null ? [] : new[] { $"heartbeats.shared {{ type = disk, devices {{ server1 = {_disk.First}, server2 = {_disk.Second} }}, priority = 2 }}" },
        ],
    };

    /// <summary>Neither server sees any more what the other one sends; no device reports an error.</summary>
    public async Task CutAsync()
    {
        await (_disk?.CutAsync() ?? Task.CompletedTask);
        await _cable.OrderAsync("cut");
    }

    public async Task HealAsync()
    {
        _disk?.Heal();
        await _cable.OrderAsync("heal");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _cable.DisposeAsync();
        }
        finally
        {
            await (_disk?.DisposeAsync() ?? default);
        }
    }
}
