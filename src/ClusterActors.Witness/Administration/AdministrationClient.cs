using System.Net.Sockets;
using System.Text.Json;

namespace ClusterActors.Witness.Administration;

/// <summary>Asks the running witness of this machine over its socket.</summary>
internal sealed class AdministrationClient(WitnessPaths paths, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(paths.ControlSocket), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://witness") };

    /// <exception cref="HttpRequestException">No witness runs here, or this user may not ask it.</exception>
    public async Task<WitnessStatus> StatusAsync()
    {
        using var limit = new CancellationTokenSource(Limit, time);
        var text = await _http.GetStringAsync(new Uri(AdministrationHost.StatusRoute, UriKind.Relative), limit.Token).ConfigureAwait(false);
        return JsonSerializer.Deserialize(text, WitnessJson.Default.WitnessStatus)!;
    }

    /// <exception cref="HttpRequestException">No witness runs here, or this user may not ask it.</exception>
    public async Task<CommandAnswer> CommandAsync(string route)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var response = await _http.PostAsync(new Uri(route, UriKind.Relative), content: null, limit.Token).ConfigureAwait(false);
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false), WitnessJson.Default.CommandAnswer)!;
    }

    public void Dispose() => _http.Dispose();
}
