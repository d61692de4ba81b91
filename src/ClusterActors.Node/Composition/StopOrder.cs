using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Node.Composition;

/// <summary>
/// The order in which the guardian ends what runs when it makes this server safe without the daemon: as groups are stopped, against the order of their
/// start. It is the same for every group that may run here, so it is handed over once at each greeting, before anything can be started.
/// </summary>
internal static class StopOrder
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>What fits a request with the longest names; the guardian ends what is not named at the end, all at once.</summary>
    private const int MostSteps = 500;

    public static SetStopPlan Of(ClusterConfig config) => new(
    [
        .. config.Groups.Reverse()
            .SelectMany(group => group.Resources.Reverse().OrderByDescending(resource => resource.Depth).Select(resource => new StopStep(group.Name.Value, resource.Name.Value)))
            .Take(MostSteps),
    ]);

    /// <summary>Without it the guardian ends everything at once, which is safe.</summary>
    public static async Task HandOverAsync(IGuardianLink link, ClusterConfig config, Action<string> log)
    {
        var answer = await link.AskAsync(Of(config), AnswerLimit).ConfigureAwait(false);
        if (!answer.Succeeded)
            log($"the guardian did not take the stop plan: {answer.Sentence}");
    }
}
