using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace ClusterActors.Control.Identity;

/// <summary>How near the end of a certificate is; a later value is worse.</summary>
public enum CertificateStage
{
    /// <summary>Nothing to do yet.</summary>
    Good,

    /// <summary>It ends within 30 days: time to plan the renewal.</summary>
    EndsInAMonth,

    /// <summary>It ends within 7 days.</summary>
    EndsInAWeek,

    /// <summary>Every new connection with it is refused, and a daemon that starts with it ends at once.</summary>
    Over,
}

/// <summary>Until when a certificate of this server is valid, and what is to be said of that before it is too late.</summary>
/// <param name="Subject">What it is, as the beginning of a sentence.</param>
/// <param name="At">By the wall clock, as every check of a certificate.</param>
public sealed record CertificateEnd(string Subject, DateTimeOffset At)
{
    private const string Remedy = "renew it as in OPERATING.md, Renewing certificates";
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>The server's own certificate and the authority, without which all servers' certificates are worth nothing.</summary>
    public static IReadOnlyList<CertificateEnd> Of(ClusterIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return [new("this server's certificate", Until(identity.Node)), new("the certificate of the cluster's authority", Until(identity.Authority))];
    }

    public CertificateStage StageAt(DateTimeOffset now) =>
        now >= At ? CertificateStage.Over
        : now >= At - Week ? CertificateStage.EndsInAWeek
        : now >= At - Month ? CertificateStage.EndsInAMonth
        : CertificateStage.Good;

    public string SentenceAt(DateTimeOffset now) => StageAt(now) switch
    {
        CertificateStage.Good => $"{Subject} is valid until {Day}",
        CertificateStage.Over => $"{Subject} has ended on {Day}: no new link comes up with it, and clpd does not start any more; {Remedy}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{Subject} ends on {Day}, in {(At - now).TotalDays:0.#} days; {Remedy}"),
    };

    private string Day => At.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset Until(X509Certificate2 certificate) => new(certificate.NotAfter);
}
