using System.Net;
using System.Security.Cryptography.X509Certificates;
using ClusterActors.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ClusterActors.Node.Control;

/// <summary>Where the control API listens.</summary>
/// <param name="SocketPath">Local socket; uid 0 is administrator, the socket's group may look.</param>
/// <param name="ManagerAddresses">Addresses for remote administrators; empty = local only.</param>
/// <param name="Certificate">This server's certificate; needed with addresses.</param>
/// <param name="Authority">The cluster CA that client certificates must come from.</param>
internal sealed record ControlEndpoints(
    string SocketPath, IReadOnlyList<IPAddress> ManagerAddresses, int ManagerPort, X509Certificate2? Certificate, X509Certificate2? Authority);

/// <summary>
/// The control API on Kestrel: a Unix socket for this server's users and, where certificates exist, TLS with client certificates for
/// remote ones. It only translates between HTTP and <see cref="IControlBackend"/>.
/// </summary>
internal sealed class ControlHost : IAsyncDisposable
{
    private static readonly TimeSpan StreamPulse = TimeSpan.FromSeconds(15);
    private readonly WebApplication _application;
    private readonly IControlBackend _backend;
    private readonly TimeProvider _time;
    private readonly string _socketPath;

    private ControlHost(WebApplication application, IControlBackend backend, TimeProvider time, string socketPath)
    {
        (_application, _backend, _time, _socketPath) = (application, backend, time, socketPath);
        Map();
    }

    public static async Task<ControlHost> StartAsync(ControlEndpoints endpoints, IControlBackend backend, TimeProvider time, CancellationToken cancellation)
    {
        File.Delete(endpoints.SocketPath);
        // Empty, not slim: no configuration files of the web framework, and above all no watcher over the content root.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options => Listen(options, endpoints));
        var host = new ControlHost(builder.Build(), backend, time, endpoints.SocketPath);
        await host._application.StartAsync(cancellation).ConfigureAwait(false);
        LocalCaller.Restrict(endpoints.SocketPath);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time);
        await _application.StopAsync(limit.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        File.Delete(_socketPath);
    }

    private static void Listen(KestrelServerOptions options, ControlEndpoints endpoints)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = 64 * 1024;
        options.Limits.MaxConcurrentConnections = 256;
        options.ListenUnixSocket(endpoints.SocketPath, listen => listen.Protocols = HttpProtocols.Http1);
        if (endpoints.Certificate is null || endpoints.Authority is null)
            return;
        foreach (var address in endpoints.ManagerAddresses)
        {
            options.Listen(address, endpoints.ManagerPort, listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = endpoints.Certificate;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (certificate, _, _) => ClusterTrust.IsIssuedBy(certificate, endpoints.Authority);
            }));
        }
    }

    private void Map()
    {
        _application.MapGet(Routes.Status, async (HttpContext http) =>
            await Reply.Json(http, await _backend.GetStatusAsync(http.RequestAborted).ConfigureAwait(false), ControlJson.Default.ClusterStatus).ConfigureAwait(false));
        _application.MapGet(Routes.Check, async (HttpContext http) =>
            await Reply.Json(http, await _backend.CheckClusterAsync(http.RequestAborted).ConfigureAwait(false), ControlJson.Default.CheckReport).ConfigureAwait(false));
        _application.MapGet(Routes.Guardian, GuardianAsync);
        _application.MapGet(Routes.Events, EventsAsync);
        _application.MapGet(Routes.EventStream, StreamAsync);
        _application.MapGet(Routes.Groups + "/{group}/explain", ExplainAsync);
        MapGroupCommand("start", _backend.StartGroupAsync);
        MapGroupCommand("stop", _backend.StopGroupAsync);
        MapGroupCommand("move", _backend.MoveGroupAsync);
        _application.MapPost(Routes.ClusterStop, StopClusterAsync);
        _application.MapPost(Routes.StartupWaitCancel, CancelStartupWaitAsync);
        _application.MapPost(Routes.Fence + "/{server}/test", TestFenceAsync);
        _application.MapPost(Routes.Fence + "/{server}/confirm", ConfirmOffAsync);
        _application.MapPost(Routes.Wishes, WishAsync);
    }

    private Task StopClusterAsync(HttpContext http) => Command(http, ControlJson.Default.ClusterCommand,
        (command, caller) => _backend.StopClusterAsync(command, caller, http.RequestAborted));

    private Task CancelStartupWaitAsync(HttpContext http) => Command(http, ControlJson.Default.CommandOptions,
        (options, caller) => _backend.CancelStartupWaitAsync(options, caller, http.RequestAborted));

    private Task TestFenceAsync(HttpContext http) => Command(http, ControlJson.Default.FenceTestCommand,
        (command, caller) => _backend.TestFenceAsync(ServerOf(http), command, caller, http.RequestAborted));

    private Task ConfirmOffAsync(HttpContext http) => Command(http, ControlJson.Default.CommandOptions,
        (options, caller) => _backend.ConfirmOffAsync(ServerOf(http), options, caller, http.RequestAborted));

    private static string ServerOf(HttpContext http) => http.Request.RouteValues["server"] as string ?? "";

    private Task WishAsync(HttpContext http) => Command(http, ControlJson.Default.WishRequest,
        (wish, caller) => _backend.WishAsync(wish, caller, http.RequestAborted));

    private void MapGroupCommand(string verb, Func<string?, GroupCommand, Caller, CancellationToken, Task<CommandReply>> run)
    {
        Task Handle(HttpContext http) => Command(http, ControlJson.Default.GroupCommand,
            (command, caller) => run(http.Request.RouteValues["group"] as string, command, caller, http.RequestAborted));
        _application.MapPost($"{Routes.Groups}/{verb}", Handle);
        _application.MapPost($"{Routes.Groups}/{{group}}/{verb}", Handle);
    }

    private static async Task Command<T>(
        HttpContext http, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, Func<T, Caller, Task<CommandReply>> run)
    {
        var caller = CallerOf(http);
        if (!caller.IsAdministrator)
        {
            await Reply.Error(http, 403, ExitCode.NoPermission, $"{caller.Name} may look but not change anything; run it as root").ConfigureAwait(false);
            return;
        }

        if (await Reply.ReadBody(http, type).ConfigureAwait(false) is { } body)
            await Reply.Json(http, await run(body, caller).ConfigureAwait(false), ControlJson.Default.CommandReply).ConfigureAwait(false);
    }

    private async Task GuardianAsync(HttpContext http)
    {
        var answer = await _backend.GetGuardianAsync(http.RequestAborted).ConfigureAwait(false);
        if (answer.Figures is { } figures)
            await Reply.Json(http, figures, ControlJson.Default.GuardianFigures).ConfigureAwait(false);
        else
            await Reply.Error(http, 503, ExitCode.Unreachable, answer.Problem ?? "the guardian does not answer").ConfigureAwait(false);
    }

    private async Task ExplainAsync(HttpContext http)
    {
        var group = http.Request.RouteValues["group"] as string ?? "";
        if (await _backend.ExplainGroupAsync(group, http.RequestAborted).ConfigureAwait(false) is { } explanation)
            await Reply.Json(http, explanation, ControlJson.Default.GroupExplanation).ConfigureAwait(false);
        else
            await Reply.Error(http, 404, ExitCode.NotFound, $"there is no group {group}; clpstat lists the groups").ConfigureAwait(false);
    }

    private async Task EventsAsync(HttpContext http)
    {
        var (after, max) = (Reply.Number(http, "after", -1), (int)Reply.Number(http, "max", 100));
        await Reply.Json(http, await _backend.GetEventsAsync(after, Math.Clamp(max, 1, 10_000), http.RequestAborted).ConfigureAwait(false),
            ControlJson.Default.EventPage).ConfigureAwait(false);
    }

    /// <summary>Server-sent events: one <c>data:</c> line per event, a comment line as a pulse so that a dead client is noticed.</summary>
    private async Task StreamAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        var after = Reply.Number(http, "after", -1);
        while (!http.RequestAborted.IsCancellationRequested)
        {
            var page = await _backend.GetEventsAsync(after, 100, http.RequestAborted).ConfigureAwait(false);
            foreach (var item in page.Events)
                await http.Response.WriteAsync(
                    $"id: {item.Sequence}\ndata: {System.Text.Json.JsonSerializer.Serialize(item, ControlJson.Default.EventDto)}\n\n", http.RequestAborted).ConfigureAwait(false);
            after = Math.Max(after, page.Last);
            await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            using var pulse = new CancellationTokenSource(StreamPulse, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(pulse.Token, http.RequestAborted);
            await _backend.WaitForEventAsync(after, either.Token).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
            await http.Response.WriteAsync(":\n", http.RequestAborted).ConfigureAwait(false);
        }
    }

    private static Caller CallerOf(HttpContext http) =>
        http.Connection.ClientCertificate is { } certificate
            ? new Caller(certificate.Subject, http.Connection.RemoteIpAddress?.ToString() ?? "?", true)
            : LocalCaller.Of(http);

    /// <summary>Signals belong to the process manager; the web host must not end the daemon.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
