using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>What there is to say about heartbeat channels besides up and down.</summary>
internal sealed partial class GuardianCore
{
    private void OnLate(in EngineNote note)
    {
        string from = note.Server == byte.MaxValue ? "" : $" from {_settings!.NameOf(note.Server)}";
        _log.Warn($"{ChannelName(note.Network)}: beats{from} late, {note.Nanoseconds / Millisecond} of {note.LimitNanoseconds / Millisecond} ms: {note.Reason}");
        Note(new ChannelLate(
            note.Server, note.Network, note.Percent, note.Side, TimeSpan.FromTicks(note.Nanoseconds / 100), TimeSpan.FromTicks(note.LimitNanoseconds / 100),
            note.Reason));
    }

    private void OnDevice(in EngineNote note)
    {
        string sentence = $"heartbeat {ChannelName(note.Network)}: device {note.Device}{(note.Reason.Length > 0 ? ": " + note.Reason : "")}";
        if (note.Device is DeviceState.Ready or DeviceState.Opening)
            _log.Info(sentence);
        else
            _log.Error(sentence);
        Note(new ChannelDevice(note.Network, note.Device, note.Reason));
    }

    private string ChannelName(byte index) => GuardianChannels.All(_settings!).FirstOrDefault(c => c.Index == index).Name ?? $"heartbeat {index}";
}
