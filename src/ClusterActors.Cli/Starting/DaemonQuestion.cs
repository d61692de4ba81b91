using ClusterActors.Cli.Commands;
using ClusterActors.Control;
using ClusterActors.Control.Client;

namespace ClusterActors.Cli.Starting;

/// <summary>A daemon as a start sees it.</summary>
internal enum DaemonPhase
{
    /// <summary>Nobody answers.</summary>
    Absent,

    /// <summary>It answers and will end.</summary>
    Stopping,

    Up,
}

/// <summary>Asks a daemon whether it is there to stay.</summary>
internal static class DaemonQuestion
{
    private const string StoppingPhase = "Stopping";

    /// <summary>Why nobody answered, after <see cref="DaemonPhase.Absent"/>.</summary>
    public static async Task<(DaemonPhase Phase, string Why)> AskAsync(ControlClient client, CancellationToken cancellation)
    {
        try
        {
            var status = (await client.GetAsync(Routes.Status, Api.QuestionLimit, cancellation).ConfigureAwait(false)).ReadStatus();
            return (status.Phase == StoppingPhase ? DaemonPhase.Stopping : DaemonPhase.Up, "");
        }
        catch (ControlException failure) when (failure.Code == ExitCode.Unreachable)
        {
            return (DaemonPhase.Absent, failure.Message);
        }
    }
}
