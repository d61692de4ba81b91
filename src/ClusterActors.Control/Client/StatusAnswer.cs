namespace ClusterActors.Control.Client;

/// <summary>The answer to a question for the status.</summary>
public static class StatusAnswer
{
    /// <exception cref="ControlException">An error answer with its own code and sentence, or no status.</exception>
    public static ClusterStatus ReadStatus(this ControlAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        // The serializer leaves what is missing empty, also where the type says that it cannot be.
        return answer.Read(ControlJson.Default.ClusterStatus) is { Cluster: not null, Servers: not null, Groups: not null, Heartbeats: not null } status
            ? status
            : throw new ControlException(ExitCode.Internal, "control API: the answer is no status; the command and the daemon may be of different releases");
    }
}
