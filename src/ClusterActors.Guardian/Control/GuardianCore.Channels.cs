using System.Globalization;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>What there is to say about beats and their channels besides up and down.</summary>
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

    private void OnBeatLate(in EngineNote note)
    {
        long due = note.DueNanoseconds - _clock.Now + _clock.Monotonic;
        _log.Warn($"own beats began {Milliseconds(note.Nanoseconds)} ms late, due at monotonic {due / Millisecond} ms (limit {Milliseconds(note.LimitNanoseconds)} ms)");
        Note(new BeatsLate(TimeSpan.FromTicks(note.Nanoseconds / 100), TimeSpan.FromTicks(note.LimitNanoseconds / 100), TimeSpan.FromTicks(due / 100)));
    }

    private static string Milliseconds(long nanoseconds) => (nanoseconds / (double)Millisecond).ToString("0.#", CultureInfo.InvariantCulture);

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
