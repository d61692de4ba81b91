namespace ClusterActors.Model.Guardian;

/// <summary>A frame or a settings record does not have the layout it claims. Nothing of it may be used.</summary>
public sealed class GuardianFormatException : Exception
{
    public GuardianFormatException(string message)
        : base(message)
    {
    }

    public GuardianFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public GuardianFormatException()
    {
    }
}
