using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClusterActors.Model.Arbiters;

namespace ClusterActors.Arbiters.Etcd;

/// <summary>
/// etcd as a vote store, over its JSON gateway. Reads and transactions of etcd go through its majority, so any member may be asked;
/// one that does not answer in time is followed by the next. A change whose answer was lost is not repeated here: it may have been
/// made, and the caller's next read tells. The next exchange goes to the next member then.
/// </summary>
public sealed class EtcdVoteStore : IVoteStore
{
    public const string TypeName = "etcd";
    private readonly EtcdOptions _options;
    private readonly TimeProvider _time;
    private readonly string _prefix;
    private readonly HttpClient _http;
    private int _preferred;
    private int? _connected;
    private string? _token;

    public EtcdVoteStore(string name, EtcdOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (Name, _options, _time) = (name, options, time);
        _prefix = $"{options.Prefix.TrimEnd('/')}/{options.ClusterId:N}/";
        _http = new HttpClient(Handler(options)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public string Name { get; }

    public string Type => TypeName;

    public async Task<StoreAnswer> ExchangeAsync(StoreChange? change, CancellationToken cancellation)
    {
        var request = EtcdJson.Transaction(_prefix, change);
        var problems = new List<string>();
        for (var i = 0; i < _options.Endpoints.Count; i++)
        {
            var index = (_preferred + i) % _options.Endpoints.Count;
            var limit = _connected == index && _options.Limit is { } shorter ? shorter : _options.Timeout;
            _connected = null;
            try
            {
                var body = await PostAsync(_options.Endpoints[index], request, limit, cancellation).ConfigureAwait(false);
                (_preferred, _connected) = (index, index);
                return EtcdJson.Answer(_prefix, body, change is not null);
            }
            catch (Exception failure) when (failure is HttpRequestException or JsonException or IOException
                || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                problems.Add($"{_options.Endpoints[index].Authority}: {Words(failure, limit)}");
                if (change is null || !MayHaveArrived(failure))
                    continue;
                // Every exchange may carry a change: without this a member that is silent would be the only one ever asked.
                _preferred = (index + 1) % _options.Endpoints.Count;
                return StoreAnswer.Failed(string.Join("; ", problems));
            }
        }

        return StoreAnswer.Failed(string.Join("; ", problems));
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static SocketsHttpHandler Handler(EtcdOptions options)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = options.Timeout, MaxConnectionsPerServer = 2 };
        if (options.CertificateFile is { } certificate)
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, options.KeyFile)];
        if (options.AuthorityFile is { } authority)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(authority);
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, errors) => IsIssuedBy(authorities, shown, errors);
        }

        return handler;
    }

    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate? shown, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 certificate || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private async Task<string> PostAsync(Uri endpoint, string request, TimeSpan longest, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(longest, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        if (_options.User is not null && _token is null)
            await SignInAsync(endpoint, either.Token).ConfigureAwait(false);
        var (status, body) = await SendAsync(endpoint, "v3/kv/txn", request, either.Token).ConfigureAwait(false);
        if (status == HttpStatusCode.OK)
            return body;
        // Tokens of etcd run out and do not outlive a restart of the member: the next exchange signs in again.
        _token = null;
        throw new Refused($"{(int)status} {Said(body)}");
    }

    private async Task SignInAsync(Uri endpoint, CancellationToken cancellation)
    {
        var request = new JsonObject { ["name"] = _options.User, ["password"] = _options.Password ?? "" }.ToJsonString();
        var (status, body) = await SendAsync(endpoint, "v3/auth/authenticate", request, cancellation).ConfigureAwait(false);
        _token = status == HttpStatusCode.OK
            ? JsonNode.Parse(body)?["token"]?.GetValue<string>()
            : throw new Refused($"user {_options.User}: {(int)status} {Said(body)}");
    }

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(Uri endpoint, string path, string request, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, path)) { Content = new StringContent(request, Encoding.UTF8, "application/json") };
        if (_token is not null)
            message.Headers.Authorization = new AuthenticationHeaderValue(_token);
        using var answer = await _http.SendAsync(message, cancellation).ConfigureAwait(false);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false));
    }

    /// <summary>False only where no byte of the request can have reached a member that would act on it.</summary>
    private static bool MayHaveArrived(Exception failure) =>
        failure is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    private static string Words(Exception failure, TimeSpan limit) =>
        failure is OperationCanceledException ? $"no answer within {limit.TotalMilliseconds:0} ms" : failure.Message;

    private static string Said(string body)
    {
        try
        {
            return JsonNode.Parse(body)?["error"]?.GetValue<string>() ?? "";
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    private sealed class Refused(string message) : IOException(message);
}
