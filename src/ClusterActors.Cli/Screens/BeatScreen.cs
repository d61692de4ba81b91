using System.Globalization;
using System.Text;
using ClusterActors.Control;

namespace ClusterActors.Cli.Screens;

/// <summary><c>clpstat -b</c>: how punctual the guardian of the answering server is.</summary>
internal static class BeatScreen
{
    public static string Render(GuardianFigures figures)
    {
        var text = new StringBuilder(1024).Title("GUARDIAN");
        Row(text, "Server", figures.Server);
        Row(text, "Beats", $"{figures.BeatsSent} sent, {figures.BeatsAccepted} accepted, {figures.BeatsMissed} missed, {figures.SendFailures} not sent");
        Row(text, "Refused", $"{figures.RefusedForgery} forged or foreign, {figures.RefusedReplay} old or repeated");
        Row(text, "Lateness", Durations(figures.BeatLateness, "rounds"));
        Row(text, "Renewal", Durations(figures.FenceRenewal, "renewals"));
        Row(text, "Process", $"real-time {Word(figures.RealTime)}, memory locked {Word(figures.MemoryLocked)}, {figures.Collections} garbage collections");
        Row(text, "Fence", figures.Fence);
        Row(text, "Grant", figures.GrantEndsInMilliseconds > 0 ? $"ends in {Number(figures.GrantEndsInMilliseconds)} ms unless renewed" : "none, or over");
        return text.End().ToString();
    }

    /// <summary>Median, high percentiles and maximum in one line.</summary>
    public static string Durations(DurationFigures of, string what) =>
        $"median {Number(of.P50Milliseconds)} ms, 99 % {Number(of.P99Milliseconds)} ms, 99.9 % {Number(of.P999Milliseconds)} ms, worst {Number(of.MaxMilliseconds)} ms of {of.Count} {what}";

    private static void Row(StringBuilder text, string name, string words) => text.Append("  ").Padded(name, 8).Append(": ").Append(words).Append('\n');

    private static string Word(bool yes) => yes ? "yes" : "NO";

    private static string Number(double value) => value.ToString(value < 10 ? "0.###" : "0.#", CultureInfo.InvariantCulture);
}
