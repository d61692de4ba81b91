using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.Exec;

/// <summary>An exec resource's parameters, bound once.</summary>
internal sealed record ExecOptions(
    IReadOnlyList<string> Start,
    IReadOnlyList<string> Stop,
    bool IsAsynchronous,
    TimeSpan StartTimeout,
    TimeSpan StopTimeout,
    Containment Containment,
    string? User,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    long LogLimitBytes)
{
    public static ExecOptions From(ResourceParameters parameters) => new(
        parameters.TextList("start"),
        parameters.OptionalTextList("stop"),
        parameters.Text("mode") == "async",
        parameters.Duration("start-timeout"),
        parameters.Duration("stop-timeout"),
        parameters.Text("contain") == "pid-namespace" ? Containment.PidNamespace : Containment.Cgroup,
        parameters.OptionalText("user"),
        parameters.Text("working-directory"),
        parameters.OptionalTextMap("environment"),
        parameters.Integer("log-limit"));
}
