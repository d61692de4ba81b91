namespace ClusterActors.Cli.Tests.Support;

/// <summary>Output of <c>clp cluster init</c> that tells its token as soon as it is printed.</summary>
internal sealed class TokenWriter : StringWriter
{
    private const string Mark = "clp cluster join ";
    private readonly TaskCompletionSource<string> _token = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TokenWriter() => NewLine = "\n";

    public Task<string> Token => _token.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at)
            _token.TrySetResult(value[(at + Mark.Length)..]);
    }
}
