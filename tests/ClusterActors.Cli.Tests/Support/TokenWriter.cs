using System.Text.RegularExpressions;

namespace ClusterActors.Cli.Tests.Support;

/// <summary>Output of <c>clp cluster init</c> that tells its token as soon as it is printed.</summary>
internal sealed partial class TokenWriter : StringWriter
{
    private readonly TaskCompletionSource<string> _token = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TokenWriter() => NewLine = "\n";

    public Task<string> Token => _token.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (Mark().Match(value ?? "") is { Success: true } match)
            _token.TrySetResult(match.Groups[1].Value);
    }

    [GeneratedRegex(@"clp cluster join (clp1\.[A-Za-z0-9_-]+)")]
    private static partial Regex Mark();
}
