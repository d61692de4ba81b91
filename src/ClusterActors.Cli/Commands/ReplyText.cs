using ClusterActors.Cli.Parsing;
using ClusterActors.Control;

namespace ClusterActors.Cli.Commands;

/// <summary>Prints what became of a command: the manuals' line for each server or group, then the reasons.</summary>
internal static class ReplyText
{
    public static ExitCode Print(Invocation invocation, string verb, CommandReply reply)
    {
        var (good, bad) = (invocation.Host.Out, invocation.Host.Error);
        foreach (var line in reply.Lines)
            (line.Succeeded ? good : bad).WriteLine(LineOf(verb, line));
        if (reply.Lines.Count == 0 || reply.Code is not ExitCode.Done)
            (reply.Code is ExitCode.Done ? good : bad).WriteLine(reply.Message.Length > 0 ? reply.Message : Wording(reply.Code));
        foreach (var because in reply.Because.Where(because => because != reply.Message))
            (reply.Code is ExitCode.Done ? good : bad).WriteLine($"  because: {because}");
        if (reply is { Code: ExitCode.StillRunning, OperationId: { } operation })
            bad.WriteLine($"  operation {operation} goes on; clpstat shows its end");
        return reply.Code;
    }

    /// <summary><c>Start server1 : Command succeeded.</c></summary>
    private static string LineOf(string verb, CommandLineResult line)
    {
        var message = line.Message.Length > 0 ? line.Message : line.Succeeded ? "Command succeeded." : "Command failed.";
        var subject = line.Subject.StartsWith(verb + " ", StringComparison.Ordinal) ? line.Subject : $"{verb} {line.Subject}";
        return $"{subject} : {message}";
    }

    private static string Wording(ExitCode code) => ExitCodes.All.First(entry => entry.Code == code).Meaning;
}
