namespace ClusterActors.Control.Identity;

/// <summary>The files of this server's identity, or a join, are not as they must be.</summary>
public sealed class IdentityException : ControlException
{
    public IdentityException(ExitCode code, string message)
        : base(code, message)
    {
    }

    public IdentityException(ExitCode code, string message, Exception inner)
        : base(code, message, inner)
    {
    }
}
