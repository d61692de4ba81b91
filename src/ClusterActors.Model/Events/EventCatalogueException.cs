namespace ClusterActors.Model.Events;

/// <summary>A catalogue file breaks its grammar or a rule; the message starts with file:line.</summary>
public sealed class EventCatalogueException : Exception
{
    public EventCatalogueException(string file, int line, string problem)
        : base($"{file}:{line}: {problem}")
    {
        File = file;
        Line = line;
    }

    public string File { get; }

    public int Line { get; }
}
