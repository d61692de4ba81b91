using System.Globalization;
using ClusterActors.Linux.Process;
using ClusterActors.Model.Guardian;
using ClusterActors.Model.Resources;

namespace ClusterActors.Guardian.Programs;

/// <summary>Paths of the system tools that a launch goes through (package util-linux, coreutils, and a POSIX shell).</summary>
public sealed record LaunchTools(string Setpriv, string Shell, string Env, string Unshare, string Nsenter)
{
    /// <exception cref="FileNotFoundException">One is missing; the message names its package.</exception>
    public static LaunchTools Find() => new(
        ProcessTools.Require("setpriv", "util-linux"),
        ProcessTools.Require("sh", "dash or bash"),
        ProcessTools.Require("env", "coreutils"),
        ProcessTools.Require("unshare", "util-linux"),
        ProcessTools.Require("nsenter", "util-linux"));
}

/// <summary>
/// Turns a start request into the arguments of a chain of programs, each of which replaces itself by the next:
/// <list type="number">
/// <item><c>setpriv --pdeathsig KILL</c>: the main process dies with the guardian even when nothing else works;</item>
/// <item>a shell that ends unless its parent is still the guardian, then waits for the word to go (the launcher has put it into its
/// control group by then), and enters the working directory: that may lie on a disk that hangs, so the guardian itself never does;</item>
/// <item>with <see cref="Containment.PidNamespace"/>: <c>unshare</c>, and a shell as the namespace's first process, because a first
/// process ignores every signal it has no handler for, and because somebody has to reap orphans;</item>
/// <item><c>setpriv --reuid</c> for another account; it sets the death signal again, since the change of account clears it;</item>
/// <item><c>env -i</c>, so that the environment is exactly the one asked for whatever the shells added.</item>
/// </list>
/// The texts given to the shells are constants; everything that comes from outside is passed as an argument and never parsed.
/// </summary>
public static class LaunchPlan
{
    /// <summary>Exit code of a launch that failed before the program itself was reached, if no signal ended it.</summary>
    public const int LaunchFailed = 125;

    /// <summary>What the chain itself runs with; nothing of the guardian's own environment reaches a program.</summary>
    public static readonly IReadOnlyList<string> ChainEnvironment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"];

    private const string GateScript =
        "[ \"$PPID\" = \"$1\" ] || exit 125; IFS= read -r go || exit 125; cd -P -- \"$2\" || exit 125; umask 022; shift 2; exec \"$@\" </dev/null";

    // Not an exec: the shell stays as the first process and passes the exit status on.
    private const string FirstProcessScript = "\"$@\"; exit $?";

    private const string EnterDirectoryScript = "cd -P -- \"$1\" || exit 125; shift; exec \"$@\"";

    /// <summary>Null, or why the request cannot be carried out by anybody.</summary>
    public static string? Refusal(StartProgram request)
    {
        if (request.Ticket.Length == 0 || request.Group.Length == 0 || request.Resource.Length == 0)
            return "start of a program: found an empty ticket, group or resource; all three are needed";
        if (request.Arguments.Count == 0 || !request.Arguments[0].StartsWith('/'))
            return $"{request.Group}.{request.Resource}: found program '{(request.Arguments.Count == 0 ? "" : request.Arguments[0])}'; an absolute path is needed";
        if (request.Arguments[0].Contains('='))
            return $"{request.Group}.{request.Resource}: found '=' in the program's path '{request.Arguments[0]}'; rename it or start it by a link without one";
        if (request.WorkingDirectory.Length > 0 && !request.WorkingDirectory.StartsWith('/'))
            return $"{request.Group}.{request.Resource}: found working directory '{request.WorkingDirectory}'; an absolute path is needed";
        foreach (var entry in request.Environment)
        {
            if (entry.IndexOf('=') < 1)
                return $"{request.Group}.{request.Resource}: found environment entry '{entry}'; NAME=value is needed";
        }

        return request.Arguments.Concat(request.Environment).Append(request.WorkingDirectory).Any(text => text.Contains('\0'))
            ? $"{request.Group}.{request.Resource}: found a null character in an argument, the environment or the working directory; none is allowed"
            : null;
    }

    /// <param name="guardian">Process id of the guardian, checked by the child.</param>
    /// <param name="account">Account to run as, or null = the guardian's own.</param>
    /// <param name="joinNamespaceOf">For a helper of a running main program in a process namespace: that namespace's first process; otherwise 0.</param>
    public static IReadOnlyList<string> Arguments(StartProgram request, LaunchTools tools, int guardian, Account? account, int joinNamespaceOf)
    {
        var directory = request.WorkingDirectory.Length == 0 ? "/" : request.WorkingDirectory;
        var result = new List<string>
        {
            tools.Setpriv, "--pdeathsig", "KILL", "--",
            tools.Shell, "-c", GateScript, "clp-launch", guardian.ToString(CultureInfo.InvariantCulture),
        };

        if (joinNamespaceOf > 0)
        {
            // Entering a mount namespace loses the working directory, so it is entered inside.
            result.AddRange(["/", tools.Nsenter, "--target", joinNamespaceOf.ToString(CultureInfo.InvariantCulture), "--pid", "--mount", "--"]);
            result.AddRange([tools.Shell, "-c", EnterDirectoryScript, "clp-enter", directory]);
        }
        else if (request.Contain == Containment.PidNamespace)
        {
            // Unmounts outside must reach the namespace, or it would keep the disks of other groups busy.
            result.AddRange([directory, tools.Unshare, "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--propagation", "slave", "--"]);
            result.AddRange([tools.Shell, "-c", FirstProcessScript, "clp-init"]);
        }
        else
        {
            result.Add(directory);
        }

        if (account is not null)
        {
            result.AddRange([tools.Setpriv, "--reuid", Number(account.UserId), "--regid", Number(account.GroupId)]);
            result.AddRange(["--init-groups", "--pdeathsig", "KILL", "--"]);
        }

        result.AddRange([tools.Env, "-i", "--"]);
        result.AddRange(request.Environment);
        result.AddRange(request.Arguments);
        return result;
    }

    private static string Number(uint value) => value.ToString(CultureInfo.InvariantCulture);
}
