namespace ClusterActors.Control;

/// <summary>A command that cannot go on: the message says where, what was found and what to do; the code is the command's exit code.</summary>
public class ControlException : Exception
{
    public ControlException(ExitCode code, string message)
        : base(message) => Code = code;

    public ControlException(ExitCode code, string message, Exception? inner)
        : base(message, inner) => Code = code;

    public ExitCode Code { get; }
}
