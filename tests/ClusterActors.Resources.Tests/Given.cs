using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.Tests;

internal static class Given
{
    public static readonly GroupName Group = new("payroll");
    public static readonly ServerName Self = new("server1");

    public static ResourceConfig Resource(IResourceType type, params (string Key, object Value)[] values)
    {
        var parameters = new Dictionary<string, object>();
        foreach (var parameter in type.Description.Parameters)
            if (DefaultOf(parameter) is { } value)
                parameters[parameter.Key] = value;
        foreach (var (key, value) in values)
            parameters[key] = value;
        return new(new ResourceName("r"), type.Description.Type, 0, [], 0, 3, FinalAction.NoOperation, 0, FinalAction.StopDaemonAndShutDown,
            new ResourceParameters(parameters), new SourceLocation("cluster.conf", 1));
    }

    public static StartRequest Start(ResourceConfig resource, StartCause cause = StartCause.Start, int attempt = 1) =>
        new(Group, resource, new Term(3, 1), cause, $"ticket-{attempt}", attempt, Self, true);

    public static StopRequest Stop(ResourceConfig resource, bool force = false) => new(Group, resource, new Term(3, 1), force, 1, Self, true);

    private static object? DefaultOf(ParameterDescription parameter) => (parameter.Kind, parameter.Default) switch
    {
        (_, null) => null,
        (ParameterKind.Boolean, var text) => text == "true",
        (ParameterKind.Duration, var text) => TimeSpan.FromSeconds(double.Parse(text.TrimEnd('s'))),
        (ParameterKind.Size, _) => 1_000_000L,
        (_, var text) => text,
    };
}
