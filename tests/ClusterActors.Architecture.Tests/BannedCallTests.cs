using System.Text.RegularExpressions;

namespace ClusterActors.Architecture.Tests;

/// <summary>Calls that the product must not make, each with what to use instead. Exceptions are in allowed.txt with their reason.</summary>
public sealed class BannedCallTests
{
    private static readonly Ban[] Bans =
    [
        new("wall-clock", @"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b", "take the time from TimeProvider"),
        new("own-clock", @"\bStopwatch\.|\bnew Stopwatch\b|\bEnvironment\.TickCount", "measure with TimeProvider.GetTimestamp, so that tests drive it"),
        new("sleep", @"\bThread\.Sleep\b|\bSpinWait\.SpinUntil\b", "wait for a condition, or arm a timer of TimeProvider"),
        new("timer", @"\bnew (System\.Threading\.)?(Timer|PeriodicTimer)\s*\((?![^;]*([Tt]ime|[Cc]lock)\s*\))", "use TimeProvider.CreateTimer, or give the TimeProvider"),
        new("cancel-after", @"\.CancelAfter\s*\(", "give the TimeProvider: new CancellationTokenSource(delay, time)"),
        // Frames of the guardian link have a field Result too; variables that hold one are called by these words.
        new("blocking-wait", @"\.Wait\(\s*\)|\.GetAwaiter\(\)\s*\.GetResult\(\)|\bTask\.Wait(All|Any)\b|(?<!\b(this|reply|answer|note|frame))\.Result\b(?!\s*[(<=]|s)", "await it"),
        new("console", @"\bConsole\.", "log; only Cli and a Program.cs speak to a terminal") { ButNot = path => path.StartsWith("src/ClusterActors.Cli/", StringComparison.Ordinal) || path.EndsWith("/Program.cs", StringComparison.Ordinal) },
        new("exit", @"\bEnvironment\.(Exit|FailFast)\b", "return an exit code from Program.cs") { ButNot = path => path.EndsWith("/Program.cs", StringComparison.Ordinal) },
        new("by-name", @"\bGetProcessesByName\b", "end processes by id (pidfd), never by name"),
        new("async-void", @"\basync\s+void\b", "return Task; nobody sees an exception of async void"),
        new("not-implemented", @"\bNotImplementedException\b", "finish it, or leave it out"),
        new("task-run", @"\bTask\.Run\b|\bnew Thread\b", "send a message; only a worker of an I/O port has threads") { OnlyIn = ["src/ClusterActors.Cluster/", "src/ClusterActors.Model/"] },
        new("chance", @"\bRandom\.Shared\b|\bnew Random\s*\(\s*\)|\bGuid\.NewGuid\b", "take chance as an argument, so that a seed decides") { OnlyIn = ["src/ClusterActors.Cluster/", "src/ClusterActors.Model/"] },
        new("io-in-model", @"\b(File|Directory|Socket|Process)\.[A-Z]\w+\(", "Model has no I/O; put it behind a port") { OnlyIn = ["src/ClusterActors.Model/"] },
    ];

    public static TheoryData<string> Rules() => new(Bans.Select(ban => ban.Rule));

    [Theory]
    [MemberData(nameof(Rules))]
    public void Product_must_not_call(string rule)
    {
        var ban = Bans.Single(candidate => candidate.Rule == rule);
        var problems = AllowList.Apply(rule, [.. Checkout.ProductSources.Where(ban.Covers).SelectMany(ban.FindIn)]);
        Assert.True(problems.Count == 0, string.Join('\n', problems.Prepend($"instead: {ban.Instead}")));
    }

    [Theory]
    [InlineData("delay", "Task.Delay(")]
    [InlineData("time-out", "new CancellationTokenSource(")]
    [InlineData("async-time-out", ".WaitAsync(TimeSpan")]
    public void Call_with_a_time_must_name_its_time_provider(string rule, string call)
    {
        var findings = Checkout.ProductSources.SelectMany(path => CallsWithoutProvider(path, CodeText.WithoutCommentsAndLiterals(Checkout.Read(path)), call)).ToArray();
        var problems = AllowList.Apply(rule, findings);
        Assert.True(problems.Count == 0, string.Join('\n', problems.Prepend($"instead: {call}..., timeProvider)")));
    }

    [Theory]
    [InlineData("await Task.Delay(limit, cancellation);", 1)]
    [InlineData("await Task.Delay(limit, _host.Time, cancellation);", 0)]
    [InlineData("await Task.Delay(Times(2, 3), clock);", 0)]
    public void Missing_time_provider_must_be_found(string code, int expected) => Assert.Equal(expected, CallsWithoutProvider("x.cs", code, "Task.Delay(").Count());

    [Fact]
    public void Empty_catch_must_say_why()
    {
        var findings = Checkout.ProductSources.SelectMany(path => Regex.Matches(Checkout.Read(path), @"\bcatch\b[^{;]*\{\s*\}")
            .Select(match => new Finding(path, LineOf(Checkout.Read(path), match.Index), "an exception is dropped without a word"))).ToArray();
        var problems = AllowList.Apply("empty-catch", findings);
        Assert.True(problems.Count == 0, string.Join('\n', problems.Prepend("instead: a comment with the reason, or let it pass")));
    }

    [Theory]
    [InlineData("wall-clock", "var t = DateTime.UtcNow;")]
    [InlineData("sleep", "Thread.Sleep(5);")]
    [InlineData("timer", "_t = new Timer(Tick, null, 1, 1);")]
    [InlineData("cancel-after", "source.CancelAfter(limit);")]
    [InlineData("blocking-wait", "var x = task.Result;")]
    [InlineData("blocking-wait", "task.GetAwaiter().GetResult();")]
    [InlineData("console", "Console.WriteLine(1);")]
    [InlineData("async-void", "private async void On() {}")]
    public void Rule_must_find_what_it_bans(string rule, string code) => Assert.Matches(Bans.Single(ban => ban.Rule == rule).Pattern, code);

    [Theory]
    [InlineData("blocking-wait", "case Outcome.Results:")]
    [InlineData("timer", "new PeriodicTimer(interval, _time)")]
    public void Rule_must_let_pass_what_is_right(string rule, string code) => Assert.DoesNotMatch(Bans.Single(ban => ban.Rule == rule).Pattern, code);

    private static IEnumerable<Finding> CallsWithoutProvider(string path, string code, string call)
    {
        for (var at = code.IndexOf(call, StringComparison.Ordinal); at >= 0; at = code.IndexOf(call, at + 1, StringComparison.Ordinal))
        {
            var arguments = Parenthesis(code, code.IndexOf('(', at) + 1);
            if (arguments.Trim().Length > 0 && !Regex.IsMatch(arguments, @",\s*[\w.]*([tT]ime|[cC]lock)\w*\s*(,|$)"))
                yield return new Finding(path, LineOf(code, at), $"{call}{arguments})");
        }
    }

    private static string Parenthesis(string code, int from)
    {
        var depth = 1;
        var at = from;
        for (; at < code.Length && depth > 0; at++)
            depth += code[at] == '(' ? 1 : code[at] == ')' ? -1 : 0;
        return code[from..Math.Max(from, at - 1)];
    }

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    private sealed record Ban(string Rule, string Pattern, string Instead)
    {
        public Func<string, bool> ButNot { get; init; } = static _ => false;

        public string[]? OnlyIn { get; init; }

        public bool Covers(string path) => !ButNot(path) && (OnlyIn is null || OnlyIn.Any(folder => path.StartsWith(folder, StringComparison.Ordinal)));

        public IEnumerable<Finding> FindIn(string path)
        {
            var lines = CodeText.WithoutCommentsAndLiterals(Checkout.Read(path)).Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                if (Regex.IsMatch(lines[i], Pattern))
                    yield return new Finding(path, i + 1, lines[i].Trim());
            }
        }
    }
}
