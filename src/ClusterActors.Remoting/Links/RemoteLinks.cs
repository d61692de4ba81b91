using ClusterActors.Actors;

namespace ClusterActors.Remoting;

/// <summary>
/// The link layer of one actor system: one connection to each peer, kept up for ever, over which refs of other servers work like
/// local ones. Publishes <see cref="LinkUp"/>, <see cref="LinkDown"/> and <see cref="PeerLost"/> on the event stream.
/// </summary>
public sealed class RemoteLinks : IRemoteActorRefs, IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly ILinkTransport _transport;
    private readonly Dictionary<string, Link> _links = new(StringComparer.OrdinalIgnoreCase);

    private RemoteLinks(ActorSystem system, ILinkTransport transport, WireRegistry registry, LinkOptions options)
    {
        _system = system;
        _transport = transport;
        ConfigHash = options.ConfigHash;
        foreach (var peer in options.Peers)
        {
            if (!_links.TryAdd(peer, new Link(system, transport, registry, options, peer, () => ConfigHash)))
            {
                throw new ArgumentException($"links: server {peer} is named twice among the peers");
            }
        }
    }

    /// <summary>Hash of the own cluster.conf; a change is told at the next link-up.</summary>
    public string ConfigHash { get; set; }

    /// <summary>Figures of each link.</summary>
    public IReadOnlyList<LinkStatistics> Statistics => [.. _links.Values.Select(link => link.Statistics)];

    /// <summary>Installs the link layer in a system and starts to listen and to dial.</summary>
    /// <param name="system">Its <see cref="ActorSystemOptions.Server"/> must be the own server name.</param>
    /// <param name="transport">Owned by the links from here on.</param>
    /// <param name="registry">Everything that may cross; closed by this call.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">Settings that contradict each other.</exception>
    public static RemoteLinks Start(ActorSystem system, ILinkTransport transport, WireRegistry registry, LinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (system.Provider.DefaultAddress.Server != options.Server)
        {
            throw new ArgumentException($"links: the actor system is named for server \"{system.Provider.DefaultAddress.Server}\", the links for {options.Server}; both must be the same");
        }

        registry.Close();
        var links = new RemoteLinks(system, transport, registry, options);
        system.Provider.InstallRemoting(links);
        transport.Listen(links.Accept);
        foreach (var link in links._links.Values)
        {
            link.Start();
        }

        return links;
    }

    /// <inheritdoc/>
    public InternalActorRef Resolve(ActorPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Address.System == _system.Name && path.Address.Server is { } server && _links.TryGetValue(server, out var link)
            ? new RemoteActorRef(_system, path, link)
            : new UnknownServerRef(_system, path);
    }

    /// <summary>The address of a peer's system, for building paths.</summary>
    public Address AddressOf(string server) => new(_system.Name, server);

    /// <summary>
    /// Declares a peer lost now: everything watched there is Terminated, and what it knew of us is void. Membership calls this; the
    /// peer links up again by itself, with a new session and without an operator (D12).
    /// </summary>
    public void DeclareLost(string server, string reason) => _links[server].DeclareLost(reason);

    /// <summary>Says goodbye on every link and stops to dial and to listen.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links.Values)
        {
            link.Dispose();
        }

        await _transport.DisposeAsync().ConfigureAwait(false);
    }

    private void Accept(ILinkConnection connection)
    {
        if (_links.TryGetValue(connection.Peer, out var link))
        {
            link.Accept(connection);
            return;
        }

        _system.Log.Warning(null, "links: {Server} has a certificate of the cluster but is not configured as a peer; refused", connection.Peer);
        connection.Start(_ => { }, (_, _) => { }, _ => { });
        connection.Close("not configured as a peer");
    }
}
