using System.Text.Json;
using ClusterActors.Cli.Parsing;

namespace ClusterActors.Cli.Commands;

/// <summary>One step of <c>clp cluster init</c>; with <c>--json</c> a line each, while it goes on.</summary>
/// <param name="Step"><c>identity</c>, <c>warning</c>, <c>configuration</c>, <c>token</c>, <c>join</c> (an attempt) or <c>end</c>.</param>
/// <param name="Sentence">What the text form says.</param>
internal sealed record InitStep(string Step, string Sentence)
{
    public string? Server { get; init; }

    public Guid? ClusterId { get; init; }

    /// <summary>The identity was made now; otherwise it was there.</summary>
    public bool? Made { get; init; }

    public string? Token { get; init; }

    /// <summary>Servers that are waited for.</summary>
    public IReadOnlyList<string>? Servers { get; init; }

    /// <summary>Servers that have joined, at the end.</summary>
    public IReadOnlyList<string>? Joined { get; init; }
}

/// <summary>Says the steps in the form that was asked for; from any thread.</summary>
internal sealed class InitSteps(Invocation invocation) : IDisposable
{
    private readonly CountDownLine _line = new(invocation.Host);
    private readonly bool _json = invocation.Has("json");

    /// <param name="isProblem">The text form says it as an error.</param>
    public void Say(InitStep step, bool isProblem = false)
    {
        if (_json)
            _line.Say(JsonSerializer.Serialize(step, CliJson.Default.InitStep));
        else if (isProblem)
            invocation.Host.Error.WriteLine(step.Sentence);
        else
            _line.Say(step.Sentence);
    }

    /// <summary>Counts down for people until it is cancelled; programs have the token's step.</summary>
    public Task CountAsync(TimeSpan length, Func<string> what, CancellationToken cancellation) =>
        _json ? Task.CompletedTask : _line.CountAsync(length, what, cancellation);

    public void Dispose() => _line.Dispose();
}
