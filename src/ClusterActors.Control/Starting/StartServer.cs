using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterActors.Control.Identity;

namespace ClusterActors.Control.Starting;

/// <summary>
/// The starter: while no daemon runs, somebody has to hear that it is to be started. It takes one kind of order, from holders of a certificate
/// of the cluster alone, and can do nothing but let the init system start the guardian.
/// </summary>
/// <param name="root">Value of CLP_ROOT: where the identity is, read anew for each caller, so that a renewed one is in force at once.</param>
/// <param name="start">Starts the guardian of this server.</param>
/// <param name="say">Gets one sentence for each order and for each connection that broke off; from any thread.</param>
public sealed class StartServer(string? root, Func<CancellationToken, Task<StartReply>> start, Action<string> say, TimeProvider time)
{
    private const int LongestOrder = 16 * 1024;
    private const int LongestReason = 200;

    /// <summary>Until the caller cancels or, with <paramref name="idle"/>, nobody has come on any of the sockets for so long.</summary>
    public async Task ServeAsync(IReadOnlyList<Socket> listeners, TimeSpan? idle, CancellationToken cancellation)
    {
        var length = idle ?? Timeout.InfiniteTimeSpan;
        using var quiet = new CancellationTokenSource();
        // One clock for all sockets: the process ends when nobody comes on any of them, and until then it has to listen on each.
        await using var clock = time.CreateTimer(static over => ((CancellationTokenSource)over!).Cancel(), quiet, length, Timeout.InfiniteTimeSpan);
        await Task.WhenAll(listeners.Select(listener => ServeAsync(listener, () => clock.Change(length, Timeout.InfiniteTimeSpan), quiet.Token, cancellation))).ConfigureAwait(false);
    }

    private async Task ServeAsync(Socket listener, Action onCaller, CancellationToken accepting, CancellationToken cancellation)
    {
        using var door = new TlsDoor(listener, HandShake, ServeOneAsync, (peer, why) => say($"{peer}: broke off: {ForeignText.Printable(why, LongestReason)}"), time);
        await door.ServeAsync(onCaller, accepting, cancellation).ConfigureAwait(false);
    }

    private SslServerAuthenticationOptions HandShake()
    {
        var me = ClusterIdentity.Load(root);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(me.Node, additionalCertificates: null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateRequired = true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => Certificates.IsOfCluster(certificate, me),
        };
    }

    private async Task ServeOneAsync(SslStream stream, string peer, CancellationToken cancellation)
    {
        var caller = Certificates.ServerNameOf(stream.RemoteCertificate!);
        var order = await JsonFrames.ReceiveAsync(stream, StartJson.Default.StartOrder, cancellation, LongestOrder).ConfigureAwait(false);
        say($"{peer}: {caller} orders the start of this server{(order.Reason is { } reason ? $" ({ForeignText.Printable(reason, LongestReason)})" : "")}");
        var reply = await start(cancellation).ConfigureAwait(false);
        say($"{peer}: {(reply.RanAlready ? "the cluster runs already" : reply.IsStopping ? "not started: it is being stopped" : reply.Started ? "the guardian is being started" : $"not started: {reply.Problem}")}");
        await JsonFrames.SendAsync(stream, reply, StartJson.Default.StartReply, cancellation).ConfigureAwait(false);
    }
}
