namespace ClusterActors.Hocon;

/// <summary>Where a value was written: a file (or any name the caller gave the text) and a line counted from 1.</summary>
/// <param name="File">Name of the text as the caller or the include statement gave it.</param>
/// <param name="Line">Line, the first is 1; 0 when the value was made by code and stands on no line.</param>
public sealed record Origin(string File, int Line)
{
    /// <summary>A value taken from an environment variable.</summary>
    public static Origin Environment(string variable) => new($"environment variable {variable}", 0);

    /// <summary><c>file:line</c>, or the file alone when there is no line.</summary>
    public override string ToString() => Line > 0 ? $"{File}:{Line}" : File;
}
