using System.Text;
using ClusterActors.Cli.Parsing;
using ClusterActors.Control;
using ClusterActors.Control.Client;
using ClusterActors.Control.Identity;

namespace ClusterActors.Cli.Commands;

/// <summary>What every command that asks the control API does alike.</summary>
internal sealed class Api : IDisposable
{
    /// <summary>For questions; the daemon answers them from what it knows.</summary>
    public static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(10);

    // A command's own wait is kept by the daemon; the answer needs a little longer.
    private static readonly TimeSpan CommandMargin = TimeSpan.FromSeconds(10);

    private readonly Invocation _invocation;
    private readonly ClusterIdentity? _identity;

    private Api(Invocation invocation, ControlClient client, ClusterIdentity? identity) => (_invocation, Client, _identity) = (invocation, client, identity);

    public ControlClient Client { get; }

    public static Api Open(Invocation invocation)
    {
        var host = invocation.Host;
        if (invocation.Text("host") is not { } remote)
            return new Api(invocation, new ControlClient(ControlAddress.Local(host.Root), null, host.Time), null);
        var address = ControlAddress.Remote(remote);
        var identity = ClusterIdentity.Load(host.Root);
        return new Api(invocation, new ControlClient(address, identity, host.Time), identity);
    }

    public Task<ControlAnswer> GetAsync(string path) => Client.GetAsync(path, QuestionLimit, _invocation.Cancellation);

    public Task<ControlAnswer> CommandAsync<T>(string path, T body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CommandOptions options) =>
        Client.PostAsync(path, body, type, TimeSpan.FromSeconds(options.WaitSeconds) + CommandMargin, _invocation.Cancellation);

    /// <summary>Prints the answer to <c>--json</c>, or what was refused as an error; true when nothing is left to do.</summary>
    public bool PrintedAsJson(ControlAnswer answer)
    {
        if (!_invocation.Has("json") || !answer.Succeeded)
            return false;
        _invocation.Host.Out.WriteLine(Encoding.UTF8.GetString(answer.Body));
        return true;
    }

    public void Dispose() => _identity?.Dispose();
}
