using System.Globalization;
using System.Net;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Control.Identity;
using ClusterActors.Hocon;
using ClusterActors.Model;

namespace ClusterActors.Cli.Commands;

/// <summary><c>clp cluster init</c>.</summary>
internal static class ClusterInitCommand
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);

    public static async Task<ExitCode> RunAsync(Invocation invocation)
    {
        var host = invocation.Host;
        var paths = new IdentityPaths(host.Root);
        var file = invocation.Text("conf") ?? paths.ClusterConf;
        var read = new RecordingConfigFiles(new DiskConfigFiles());
        if (Checked(invocation, file, read) is not var (config, self))
            return ExitCode.Usage;
        var (bytes, includes, foreign) = (read.Files[file], Includes(file, paths, read.Files), Foreign(file, paths, read.Files));
        if (IncludedFile.Problem(includes) is { } problem)
            throw new UsageException($"clp cluster init: {file}: {problem}", invocation.Command);
        using var steps = new InitSteps(invocation);
        foreach (var path in foreign)
            steps.Say(new InitStep("warning", $"{path}: included, but neither below {paths.Configuration} nor beside {file}; join does not carry it: copy it to the other servers"), isProblem: true);
        var listen = invocation.ListenAt(ControlAddress.DefaultPort)
            ?? new IPEndPoint(System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, ControlAddress.DefaultPort);
        var wanted = Wanted(invocation, config);
        using var maker = IdentityMaker.OpenOrCreate(paths, config.Name, self.Name.Value, self.Addresses, host.Time);
        steps.Say(IdentityStep(maker, paths, config, self));
        InstallConfiguration(steps, paths, file, bytes, includes);
        if (wanted == 0)
            return ExitCode.Done;
        return await AdmitAsync(invocation, steps, maker, self, new JoinTerms(Others(config, self), bytes, includes, wanted, TokenLife), listen).ConfigureAwait(false);
    }

    private static InitStep IdentityStep(IdentityMaker maker, IdentityPaths paths, ClusterConfig config, ServerConfig self)
    {
        var what = maker.WasThere
            ? $"{paths.Directory}: the identity of {self.Name} is there and is kept"
            : $"{paths.Directory}: made the authority of cluster {config.Name}, and certificate and keys of {self.Name}";
        return new InitStep("identity", $"{what} (cluster id {maker.Identity.ClusterId})")
        {
            Server = self.Name.Value,
            ClusterId = maker.Identity.ClusterId,
            Made = !maker.WasThere,
        };
    }

    private static (ClusterConfig Config, ServerConfig Self)? Checked(Invocation invocation, string file, IConfigFiles files)
    {
        var result = ConfigCheckCommand.Check(file, ConfigCheckCommand.ServerName(invocation), files);
        if (result.Config is { } config && result.Self is { } name && config.FindServer(name) is { } self)
            return (config, self);
        ConfigCheckCommand.Refuse(invocation, result);
        return null;
    }

    private static int Wanted(Invocation invocation, ClusterConfig config)
    {
        var others = config.Servers.Count - 1;
        if (invocation.Has("no-wait"))
            return invocation.Has("once") ? throw new UsageException("clp cluster init: --once and --no-wait exclude each other; give one", invocation.Command) : 0;
        return others == 0 ? 0 : (int)invocation.Number("once", others, 1, others);
    }

    /// <summary>What a file includes, by the names that it has below /etc/clp on every server: as it lies there, or beside the file given.</summary>
    internal static IReadOnlyList<IncludedFile> Includes(string file, IdentityPaths paths, IReadOnlyDictionary<string, byte[]> read) =>
        [.. read.Where(f => f.Key != file).Select(f => (Name: NameOf(f.Key, file, paths), f.Value)).Where(f => f.Name is not null).Select(f => new IncludedFile(f.Name!, f.Value))];

    private static IReadOnlyList<string> Foreign(string file, IdentityPaths paths, IReadOnlyDictionary<string, byte[]> read) =>
        [.. read.Keys.Where(path => path != file && NameOf(path, file, paths) is null)];

    private static string? NameOf(string path, string file, IdentityPaths paths)
    {
        foreach (var folder in new[] { paths.Configuration, Path.GetDirectoryName(Path.GetFullPath(file))! })
        {
            var name = Path.GetRelativePath(folder, Path.GetFullPath(path));
            if (!name.StartsWith("../", StringComparison.Ordinal) && !Path.IsPathRooted(name))
                return name;
        }

        return null;
    }

    private static Dictionary<string, IReadOnlyList<IPAddress>> Others(ClusterConfig config, ServerConfig self) =>
        config.Servers.Where(server => server.Name != self.Name).ToDictionary(server => server.Name.Value, server => server.Addresses, StringComparer.OrdinalIgnoreCase);

    /// <summary>A file given with --conf becomes the server's cluster.conf, with what it includes, unless a different one is there.</summary>
    /// <exception cref="ControlException">A different one is there.</exception>
    private static void InstallConfiguration(InitSteps steps, IdentityPaths paths, string file, byte[] bytes, IReadOnlyList<IncludedFile> includes)
    {
        switch (paths.InstallConfiguration(bytes, includes))
        {
            case ConfigurationInstall.Differs:
                throw new ControlException(ExitCode.Refused, $"{paths.ClusterConf}: it or a file that it includes differs from {file} and is kept; remove it, or run clp cluster init without --conf");
            case ConfigurationInstall.Written:
                steps.Say(new InitStep("configuration", $"{paths.ClusterConf}: written"));
                break;
            default:
                break;
        }
    }

    private static async Task<ExitCode> AdmitAsync(Invocation invocation, InitSteps steps, IdentityMaker maker, ServerConfig self, JoinTerms terms, IPEndPoint listen)
    {
        var others = terms.Servers;
        var addresses = listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any) ? self.Addresses : [listen.Address];
        using var server = JoinServer.Listen(maker, listen, addresses, terms, attempt => steps.Say(new InitStep("join", attempt)), invocation.Host.Time);
        steps.Say(new InitStep(
            "token", $"on each of {string.Join(", ", others.Keys)}, as root, within {TokenLife.TotalMinutes:0} minutes:\n  clp cluster join {server.Token}")
        {
            Token = server.Token.ToString(),
            Servers = [.. others.Keys],
        });
        using var counting = new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(counting.Token, invocation.Cancellation);
        var counted = steps.CountAsync(TokenLife, () => $"waiting for {string.Join(", ", others.Keys.Except(server.Joined, StringComparer.OrdinalIgnoreCase))}", both.Token);
        var outcome = await server.ServeAsync(invocation.Cancellation).ConfigureAwait(false);
        await counting.CancelAsync().ConfigureAwait(false);
        await counted.ConfigureAwait(false);
        return End(steps, outcome, server.Joined, terms.Wanted);
    }

    private static ExitCode End(InitSteps steps, JoinOutcome outcome, IReadOnlyList<string> joined, int wanted)
    {
        var count = string.Create(CultureInfo.InvariantCulture, $"{joined.Count} of {wanted} servers joined");
        var sentence = outcome switch
        {
            JoinOutcome.Complete => $"{count}; next: start each server (clpcl -s)",
            JoinOutcome.Expired => $"{count} before the token ran out; run clp cluster init again for a new one",
            _ => $"{count}; {JoinServer.MaxTries} wrong secrets were tried, so the token is void; find out who tried, then run clp cluster init again for a new one",
        };
        steps.Say(new InitStep("end", sentence) { Joined = joined }, isProblem: outcome != JoinOutcome.Complete);
        return outcome switch
        {
            JoinOutcome.Complete => ExitCode.Done,
            _ when joined.Count > 0 => ExitCode.Partial,
            JoinOutcome.Expired => ExitCode.Unreachable,
            _ => ExitCode.Refused,
        };
    }
}
