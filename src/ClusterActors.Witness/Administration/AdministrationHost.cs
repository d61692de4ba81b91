using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterActors.Witness.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ClusterActors.Witness.Administration;

/// <param name="Remote">Where remote administrators are served by TLS; empty = nowhere.</param>
/// <param name="Certificate">With its key; needed with addresses.</param>
/// <param name="Token">What they must send as bearer token.</param>
internal sealed record AdministrationOptions(string SocketPath, IReadOnlyList<IPEndPoint> Remote, X509Certificate2? Certificate, byte[] Token);

/// <summary>
/// Administration on Kestrel: a Unix socket that root alone may open, and TLS with a token for others. Only translates between HTTP and the socket loop;
/// votes never come this way, so a slow client costs them nothing.
/// </summary>
internal sealed class AdministrationHost : IAsyncDisposable
{
    public const string StatusRoute = "/v1/status";
    public const string ReloadRoute = "/v1/reload";
    public const string RegisterRoute = "/v1/clusters/{name}/register";

    private readonly WebApplication _application;
    private readonly AdministrationOptions _options;
    private readonly WitnessService _service;
    private readonly TimeProvider _time;

    private AdministrationHost(WebApplication application, AdministrationOptions options, WitnessService service, TimeProvider time)
    {
        (_application, _options, _service, _time) = (application, options, service, time);
        _application.Use(Authorize);
        _application.MapGet(StatusRoute, async (HttpContext http) => await ReplyAsync(http, await _service.AskAsync(WitnessStatus.Of).ConfigureAwait(false), WitnessJson.Default.WitnessStatus).ConfigureAwait(false));
        _application.MapPost(ReloadRoute, (HttpContext http) => CommandAsync(http, Reload));
        _application.MapPost(RegisterRoute, (HttpContext http) => CommandAsync(http, service => Register(service, (string)http.Request.RouteValues["name"]!)));
    }

    public static async Task<AdministrationHost> StartAsync(AdministrationOptions options, WitnessService service, TimeProvider time)
    {
        File.Delete(options.SocketPath);
        // Empty, not slim: no configuration files of the web framework, and above all no watcher over the content root.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options));
        var host = new AdministrationHost(builder.Build(), options, service, time);
        await host._application.StartAsync().ConfigureAwait(false);
        File.SetUnixFileMode(options.SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time);
        await _application.StopAsync(limit.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        File.Delete(_options.SocketPath);
    }

    private static void Listen(KestrelServerOptions kestrel, AdministrationOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 1024;
        kestrel.Limits.MaxConcurrentConnections = 32;
        kestrel.ListenUnixSocket(options.SocketPath, listen => listen.Protocols = HttpProtocols.Http1);
        // The web server takes every IPv4 address together with every IPv6 one; the sockets of the datagrams are apart.
        foreach (var remote in options.Remote.Where(r => !r.Address.Equals(IPAddress.Any) || !options.Remote.Contains(new IPEndPoint(IPAddress.IPv6Any, r.Port))))
            kestrel.Listen(remote, listen => listen.UseHttps(options.Certificate!));
    }

    private Task Authorize(HttpContext http, RequestDelegate next)
    {
        // A connection without an address came by the Unix socket, whose mode lets in root alone.
        if (http.Connection.RemoteIpAddress is null || HasToken(http.Request.Headers.Authorization.ToString()))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return http.Response.WriteAsync("send the token of /etc/clpwitness/token as bearer token\n");
    }

    private bool HasToken(string header) =>
        header.StartsWith("Bearer ", StringComparison.Ordinal) && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[7..].Trim()), _options.Token);

    private async Task CommandAsync(HttpContext http, Func<WitnessService, CommandAnswer> command)
    {
        var answer = await _service.AskAsync(command).ConfigureAwait(false);
        http.Response.StatusCode = answer.Done ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        await ReplyAsync(http, answer, WitnessJson.Default.CommandAnswer).ConfigureAwait(false);
    }

    private static CommandAnswer Reload(WitnessService service)
    {
        var problems = service.Reload();
        return problems.Count == 0 ? new CommandAnswer(true, [$"{service.Clusters.Count()} clusters are served"]) : new CommandAnswer(false, problems);
    }

    private static CommandAnswer Register(WitnessService service, string name)
    {
        if (service.Clusters.FirstOrDefault(c => c.File.Name == name) is not { } cluster)
            return new CommandAnswer(false, [$"no cluster '{name}' is served here; there are: {string.Join(", ", service.Clusters.Select(c => c.File.Name))}"]);
        if (cluster.Voter.IsRegistered)
            return new CommandAnswer(true, [$"cluster {name}: every server is registered already"]);
        cluster.RegisterByHand();
        return new CommandAnswer(true, [$"cluster {name}: registered by hand from term {cluster.Voter.Record.Term} on; epoch {cluster.Voter.Record.Epoch}"]);
    }

    private static Task ReplyAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(JsonSerializer.Serialize(value, type) + "\n");
    }

    /// <summary>Signals are the program's business, not the web framework's.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
