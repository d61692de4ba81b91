using ClusterActors.Heartbeats.Disk;
using ClusterActors.Linux;
using ClusterActors.Linux.Devices;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats.Devices;

/// <summary>
/// Disk heartbeat: writes the own slot at each pass and reads the slots of the others twice in that time. A beat counts as received when the
/// read that brought it is over; one from a read that took the whole limit says nothing about now and is dropped.
/// </summary>
internal sealed class DiskChannel : DeviceChannel
{
    private readonly string _path;
    private readonly Guid _clusterId;
    private readonly int _own;
    private readonly int _firstPeer;
    private readonly int _lastPeer;
    private readonly int _pages;
    private readonly AlignedBuffer _slot = new(DiskLayout.SlotSize);
    private readonly AlignedBuffer _others;
    private readonly SlotMemory _memory = new();
    private DirectDevice? _device;

    public DiskChannel(GuardianSettings settings, GuardianDisk disk, int priority)
        : base(disk.Index, disk.Name, disk.Peers, disk.Interval, new ChannelPace(disk.Interval, TimeSpan.Zero).SilenceLimit(settings.Timeout * settings.Ratio), priority)
    {
        (_path, _clusterId, _own) = (disk.Device, settings.ClusterId, settings.OwnIndex);
        _firstPeer = disk.Peers.Min();
        _lastPeer = disk.Peers.Max();
        // The second page of a slot is for receivers that small clusters do not have.
        _pages = DiskLayout.PageOf(Math.Max(_lastPeer, _own)) + 1;
        _others = new AlignedBuffer((_lastPeer - _firstPeer + 1) * DiskLayout.SlotSize);
    }

    protected override DeviceReport? Open()
    {
        try
        {
            _device = DirectDevice.Open(_path);
            if (!_device.IsBlockDevice)
                return new DeviceReport(DeviceState.WrongKind, $"{_path} is no block device");
            if (_device.Length < DiskLayout.PartitionSize)
                return new DeviceReport(DeviceState.NotOurs, $"{_path} has {_device.Length} bytes; {DiskLayout.PartitionSize} are needed");
            int error = _device.Read(_slot, 0, DiskLayout.PageSize, 0);
            if (error != 0)
                return Failure("read the header of", error);
            if (DiskHeader.Read(_slot.Span, out string problem) is not { } header)
                return new DeviceReport(DeviceState.NotOurs, $"{_path}: {problem}");
            return header.ClusterId == _clusterId ? null : new DeviceReport(DeviceState.NotOurs, $"{_path}: its heartbeat partition belongs to cluster {header.ClusterId}, this is {_clusterId}");
        }
        catch (LinuxException failure)
        {
            return From(failure, DeviceState.NotUsable);
        }
    }

    protected override DeviceReport? Work()
    {
        if (Outbox.TryTake(Limit))
        {
            for (int page = 0; page < _pages; page++)
                DiskPage.Begin(_slot.Span[(page * DiskLayout.PageSize)..], _own, page);
            for (int i = 0; i < Peers.Length; i++)
                DiskPage.Put(_slot.Span.Slice(DiskLayout.PageOf(Peers[i]) * DiskLayout.PageSize, DiskLayout.PageSize), Peers[i], Outbox.Beat(i));
            for (int page = 0; page < _pages; page++)
                DiskPage.Seal(_slot.Span.Slice(page * DiskLayout.PageSize, DiskLayout.PageSize));
            Outbox.Release();
            Begin(LateSide.Sender);
            int error = _device!.Write(_slot, 0, _pages * DiskLayout.PageSize, DiskLayout.SlotAt(_own));
            End();
            if (error != 0)
                return Failure("write the slot on", error);
        }

        return ReadOthers();
    }

    protected override void Close()
    {
        DirectDevice? device = _device;
        _device = null;
        device?.Dispose();
    }

    protected override void Free()
    {
        _slot.Dispose();
        _others.Dispose();
    }

    private DeviceReport? ReadOthers()
    {
        Begin(LateSide.Receiver);
        int error = _device!.Read(_others, 0, _others.Length, DiskLayout.SlotAt(_firstPeer));
        bool tooLong = End() >= Limit;
        if (error != 0)
            return Failure("read the slots on", error);
        long now = BootClock.NowNanoseconds();
        foreach (byte peer in Peers)
        {
            int at = ((peer - _firstPeer) * DiskLayout.SlotSize) + (DiskLayout.PageOf(_own) * DiskLayout.PageSize);
            ReadOnlySpan<byte> beat = DiskPage.Take(_others.Span.Slice(at, DiskLayout.PageSize), peer, _own);
            if (_memory.IsNew(peer, beat) && !tooLong)
                Receive(beat, now);
        }

        return null;
    }

    private DeviceReport Failure(string what, int error) => new(DeviceState.Failed, new LinuxException($"{what} {_path}", error).Message);
}
