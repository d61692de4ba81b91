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
        foreach (var path in foreign)
            await host.Error.WriteLineAsync($"{path}: included, but neither below {paths.Configuration} nor beside {file}; join does not carry it: copy it to the other servers").ConfigureAwait(false);
        var listen = ListenAt(invocation);
        var wanted = Wanted(invocation, config);
        using var maker = IdentityMaker.OpenOrCreate(paths, config.Name, self.Name.Value, self.Addresses, host.Time);
        await host.Out.WriteLineAsync(
            (maker.WasThere ? $"{paths.Directory}: the identity of {self.Name} is there and is kept" : $"{paths.Directory}: made the authority of cluster {config.Name}, and certificate and keys of {self.Name}")
            + $" (cluster id {maker.Identity.ClusterId})").ConfigureAwait(false);
        if (!await InstallConfigurationAsync(invocation, paths, file, bytes, includes).ConfigureAwait(false))
            return ExitCode.Refused;
        if (wanted == 0)
            return ExitCode.Done;
        return await AdmitAsync(invocation, maker, config, self, new JoinTerms(Others(config, self), bytes, includes, wanted, TokenLife), listen).ConfigureAwait(false);
    }

    private static (ClusterConfig Config, ServerConfig Self)? Checked(Invocation invocation, string file, IConfigFiles files)
    {
        var result = ConfigCheckCommand.Check(file, ConfigCheckCommand.ServerName(invocation), files);
        if (result.Config is { } config && result.Self is { } name && config.FindServer(name) is { } self)
            return (config, self);
        invocation.Host.Error.Write(ConfigCheckCommand.Report(result));
        return null;
    }

    private static int Wanted(Invocation invocation, ClusterConfig config)
    {
        var others = config.Servers.Count - 1;
        if (invocation.Has("no-wait"))
            return invocation.Has("once") ? throw new UsageException("clp cluster init: --once and --no-wait exclude each other; give one", invocation.Command) : 0;
        return others == 0 ? 0 : (int)invocation.Number("once", others, 1, others);
    }

    private static IPEndPoint ListenAt(Invocation invocation)
    {
        if (invocation.Text("listen") is not { } text)
            return new IPEndPoint(System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, ControlAddress.DefaultPort);
        if (IPAddress.TryParse(text, out var alone))
            return new IPEndPoint(alone, ControlAddress.DefaultPort);
        return IPEndPoint.TryParse(text, out var point)
            ? point
            : throw new UsageException($"clp cluster init: --listen {text}: must be ADDRESS, ADDRESS:PORT or [IPV6]:PORT", invocation.Command);
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
    private static async Task<bool> InstallConfigurationAsync(Invocation invocation, IdentityPaths paths, string file, byte[] bytes, IReadOnlyList<IncludedFile> includes)
    {
        switch (paths.InstallConfiguration(bytes, includes))
        {
            case ConfigurationInstall.Differs:
                await invocation.Host.Error.WriteLineAsync($"{paths.ClusterConf}: it or a file that it includes differs from {file} and is kept; remove it, or run clp cluster init without --conf").ConfigureAwait(false);
                return false;
            case ConfigurationInstall.Written:
                await invocation.Host.Out.WriteLineAsync($"{paths.ClusterConf}: written").ConfigureAwait(false);
                return true;
            default:
                return true;
        }
    }

    private static async Task<ExitCode> AdmitAsync(
        Invocation invocation, IdentityMaker maker, ClusterConfig config, ServerConfig self, JoinTerms terms, IPEndPoint listen)
    {
        var (host, others, wanted) = (invocation.Host, terms.Servers, terms.Wanted);
        var addresses = listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any) ? self.Addresses : [listen.Address];
        using var line = new CountDownLine(host);
        using var server = JoinServer.Listen(maker, listen, addresses, terms, line.Say, host.Time);
        line.Say($"on each of {string.Join(", ", others.Keys)}, as root, within {TokenLife.TotalMinutes:0} minutes:");
        line.Say($"  clp cluster join {server.Token}");
        using var counting = new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(counting.Token, invocation.Cancellation);
        var counted = line.CountAsync(TokenLife, () => $"waiting for {string.Join(", ", others.Keys.Except(server.Joined, StringComparer.OrdinalIgnoreCase))}", both.Token);
        var outcome = await server.ServeAsync(invocation.Cancellation).ConfigureAwait(false);
        await counting.CancelAsync().ConfigureAwait(false);
        await counted.ConfigureAwait(false);
        return End(host, outcome, server.Joined.Count, wanted);
    }

    private static ExitCode End(CliHost host, JoinOutcome outcome, int joined, int wanted)
    {
        var count = string.Create(CultureInfo.InvariantCulture, $"{joined} of {wanted} servers joined");
        if (outcome == JoinOutcome.Complete)
        {
            host.Out.WriteLine($"{count}; next: start each server (clpcl -s)");
            return ExitCode.Done;
        }

        host.Error.WriteLine(outcome == JoinOutcome.Expired
            ? $"{count} before the token ran out; run clp cluster init again for a new one"
            : $"{count}; {JoinServer.MaxTries} wrong secrets were tried, so the token is void; find out who tried, then run clp cluster init again for a new one");
        return joined > 0 ? ExitCode.Partial : outcome == JoinOutcome.Expired ? ExitCode.Unreachable : ExitCode.Refused;
    }
}
