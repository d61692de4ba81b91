namespace ClusterActors.Lab;

/// <summary>How a command ended and what it said.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>The output of a command that had to succeed.</summary>
    /// <exception cref="LabException">It did not.</exception>
    public string Demanded() => ExitCode == 0 ? Output : throw new LabException(ToString());

    public override string ToString() => $"'{Command}' ended with {ExitCode}\n{Output}{Errors}";
}

/// <summary>The lab, or something expected of a host in it, failed; the message carries the hosts' logs where they help.</summary>
public sealed class LabException : Exception
{
    public LabException(string message)
        : base(message)
    {
    }

    public LabException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
