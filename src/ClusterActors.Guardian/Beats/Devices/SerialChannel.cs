using ClusterActors.Heartbeats.Com;
using ClusterActors.Linux;
using ClusterActors.Linux.Devices;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Beats.Devices;

/// <summary>Serial heartbeat: a frame to the one peer at each pass. What the line has not taken when the next is due is dropped with it.</summary>
internal sealed class SerialChannel : DeviceChannel
{
    private readonly string _path;
    private readonly int _speed;
    private readonly ComReader _reader = new();
    private readonly byte[] _frame = new byte[ComFrame.MaxBeat + ComFrame.Overhead];
    private readonly byte[] _received = new byte[512];
    private int _sent;
    private int _toSend;
    private long _stuckSince;
    private SerialLine? _line;

    public SerialChannel(GuardianSettings settings, GuardianSerial serial, int priority)
        : base(
            serial.Index, serial.Name, [serial.Peer], serial.Interval,
            new ChannelPace(serial.Interval, ChannelPace.SerialTransfer(serial.Speed)).SilenceLimit(settings.Timeout * settings.Ratio), priority) =>
        (_path, _speed) = (serial.Device, serial.Speed);

    protected override int WakeDescriptor => _line?.FileDescriptor ?? -1;

    protected override DeviceReport? Open()
    {
        try
        {
            _line = SerialLine.Open(_path, _speed);
            (_sent, _toSend, _stuckSince) = (0, 0, 0);
            return null;
        }
        catch (LinuxException failure)
        {
            return From(failure, DeviceState.NotUsable);
        }
    }

    protected override DeviceReport? Work() => Send() ?? Read();

    protected override void Close()
    {
        SerialLine? line = _line;
        _line = null;
        line?.Dispose();
    }

    private DeviceReport? Send()
    {
        long now = BootClock.NowNanoseconds();
        if (_sent == _toSend && Outbox.TryTake(Limit))
        {
            (_sent, _toSend) = (0, ComFrame.Write(Outbox.Beat(0), _frame));
            Outbox.Release();
        }

        if (_sent == _toSend)
            return null;
        int taken = _line!.Write(_frame.AsSpan(_sent, _toSend - _sent));
        if (taken < 0)
            return Failure("write to", -taken);
        _sent += taken;
        _stuckSince = taken > 0 || _stuckSince == 0 ? now : _stuckSince;
        return now - _stuckSince < Limit ? null : new DeviceReport(DeviceState.Failed, $"serial line {_path} has taken nothing for {Limit / 1_000_000} ms");
    }

    private DeviceReport? Read()
    {
        // A line cannot bring more between two looks; a device that does is left to the next look.
        for (int round = 0; round < 16; round++)
        {
            int count = _line!.Read(_received);
            if (count < 0)
                return Failure("read from", -count);
            if (count == 0)
                break;
            _reader.Add(_received.AsSpan(0, count));
            long now = BootClock.NowNanoseconds();
            while (_reader.TryTake(out ReadOnlySpan<byte> beat))
                Receive(beat, now);
        }

        return null;
    }

    private DeviceReport Failure(string what, int error) => new(DeviceState.Failed, new LinuxException($"{what} serial line {_path}", error).Message);
}
