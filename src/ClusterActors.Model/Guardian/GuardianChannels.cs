namespace ClusterActors.Model.Guardian;

/// <summary>A heartbeat over a shared disk: each server writes its own slot and reads the others'.</summary>
/// <param name="Index">Bit of the channel in the who-hears-whom matrix; one range with the networks and serial lines.</param>
/// <param name="Name">Name of the heartbeat in the configuration.</param>
/// <param name="Device">Block device on this server.</param>
/// <param name="Interval">Time between two writes; not shorter than the beats of the engine.</param>
/// <param name="Peers">The other servers that have the disk.</param>
public sealed record GuardianDisk(byte Index, string Name, string Device, TimeSpan Interval, IReadOnlyList<byte> Peers);

/// <summary>A heartbeat over a serial line between two servers.</summary>
/// <param name="Index">Bit of the channel in the who-hears-whom matrix.</param>
/// <param name="Name">Name of the heartbeat in the configuration.</param>
/// <param name="Device">Serial device on this server.</param>
/// <param name="Speed">Bits a second.</param>
/// <param name="Interval">Time between two beats; long enough that the line is idle half of the time.</param>
/// <param name="Peer">The server at the other end.</param>
public sealed record GuardianSerial(byte Index, string Name, string Device, int Speed, TimeSpan Interval, byte Peer);

/// <summary>How fast a channel is.</summary>
/// <param name="Interval">Time between two beats on it.</param>
/// <param name="Transfer">Time one beat is under way because of the channel itself; 0 where it is negligible.</param>
public readonly record struct ChannelPace(TimeSpan Interval, TimeSpan Transfer)
{
    /// <summary>Bytes of a beat on a serial line, framing included; the newest version of the beat fits.</summary>
    public const int SerialFrameBytes = 256;

    /// <summary>A byte on a serial line is ten bits: start, eight, stop.</summary>
    private const int BitsPerByte = 10;

    /// <summary>From the sending of a beat until its answer is back, nothing lost: each side waits for its own next beat.</summary>
    public TimeSpan Round => (Interval * 2) + (Transfer * 2);

    /// <summary>
    /// An answer that takes longer than the grant comes when the grant is over: such a channel tells who lives, but neither extends the
    /// grant nor counts as a vow to it.
    /// </summary>
    public bool ExtendsGrant(TimeSpan grant) => Round <= grant;

    /// <summary>Silence after which the channel is down: the timeout, and more where three of its own beats take longer.</summary>
    public TimeSpan SilenceLimit(TimeSpan timeout) => timeout >= Interval * 3 ? timeout : Interval * 3;

    /// <summary>Pace of a serial line.</summary>
    /// <param name="interval">Interval of the cluster's beats.</param>
    /// <param name="speed">Bits a second.</param>
    public static ChannelPace OfSerial(TimeSpan interval, int speed)
    {
        TimeSpan transfer = SerialTransfer(speed);
        return new ChannelPace(interval >= transfer * 2 ? interval : transfer * 2, transfer);
    }

    /// <summary>Time a beat takes on a serial line.</summary>
    public static TimeSpan SerialTransfer(int speed) => TimeSpan.FromSeconds((double)SerialFrameBytes * BitsPerByte / speed);
}

/// <summary>Kind of a heartbeat channel.</summary>
public enum ChannelKind : byte
{
    /// <summary>UDP over an IP network.</summary>
    Lan = 1,

    /// <summary>Slots of a shared disk.</summary>
    Disk = 2,

    /// <summary>A serial line.</summary>
    Serial = 3,
}

/// <summary>State of the device below a disk or serial channel. Not the same as silence: a silent peer leaves it ready.</summary>
public enum DeviceState : byte
{
    /// <summary>Being opened for the first time.</summary>
    Opening = 0,

    /// <summary>Reads and writes work.</summary>
    Ready = 1,

    /// <summary>No such path.</summary>
    Missing = 2,

    /// <summary>The path is no block device, or no terminal.</summary>
    WrongKind = 3,

    /// <summary>It cannot be opened for raw access.</summary>
    NotUsable = 4,

    /// <summary>No heartbeat partition of this cluster is on it.</summary>
    NotOurs = 5,

    /// <summary>A read or write failed.</summary>
    Failed = 6,

    /// <summary>A read or write has not returned for the timeout.</summary>
    Hanging = 7,
}

/// <summary>Where a beat lost its time.</summary>
public enum LateSide : byte
{
    /// <summary>Not known yet.</summary>
    Unknown = 0,

    /// <summary>The peer sent late: there is a gap in the send times that its beats carry.</summary>
    Peer = 1,

    /// <summary>This server stood still, or read late.</summary>
    Receiver = 2,

    /// <summary>This server sent or wrote late.</summary>
    Sender = 3,

    /// <summary>The peer sent in time and this server listened: lost or held up on the way.</summary>
    Way = 4,
}

/// <summary>Answers questions about the channels of a settings record, whatever their kind.</summary>
public static class GuardianChannels
{
    /// <summary>Index, name, kind and pace of every channel, in order of index.</summary>
    public static IReadOnlyList<(byte Index, string Name, ChannelKind Kind, ChannelPace Pace)> All(GuardianSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        IEnumerable<(byte Index, string Name, ChannelKind Kind, ChannelPace Pace)> all =
        [
            .. settings.Networks.Select(n => (n.Index, n.Name, ChannelKind.Lan, new ChannelPace(settings.Interval, TimeSpan.Zero))),
            .. settings.Disks.Select(d => (d.Index, d.Name, ChannelKind.Disk, new ChannelPace(d.Interval, TimeSpan.Zero))),
            .. settings.Serials.Select(s => (s.Index, s.Name, ChannelKind.Serial, new ChannelPace(s.Interval, ChannelPace.SerialTransfer(s.Speed)))),
        ];
        return [.. all.OrderBy(c => c.Index)];
    }

    /// <summary>The other servers that a channel reaches.</summary>
    public static IReadOnlyList<byte> PeersOf(GuardianSettings settings, byte index)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Networks.FirstOrDefault(n => n.Index == index) is { } network)
            return [.. network.Peers.Select(p => p.ServerIndex)];
        return settings.Disks.FirstOrDefault(d => d.Index == index)?.Peers
            ?? (settings.Serials.FirstOrDefault(s => s.Index == index) is { } serial ? [serial.Peer] : []);
    }
}
