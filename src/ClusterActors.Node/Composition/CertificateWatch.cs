using ClusterActors.Actors;
using ClusterActors.Control.Identity;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Node.Status;

namespace ClusterActors.Node.Composition;

/// <summary>
/// Warns before a certificate that this daemon uses ends: an event once for each stage, a notice for all of that time. Looks at the start and
/// once a day, since the wall clock may be set at any time.
/// </summary>
internal sealed class CertificateWatch : IDisposable
{
    internal static readonly TimeSpan LookEvery = TimeSpan.FromDays(1);

    private readonly IReadOnlyList<CertificateEnd> _ends;
    private readonly CertificateStage[] _told;
    private readonly ServerName _self;
    private readonly Notices _notices;
    private readonly IActorRef _events;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public CertificateWatch(IReadOnlyList<CertificateEnd> ends, ServerName self, Notices notices, IActorRef events, TimeProvider time)
    {
        (_ends, _self, _notices, _events, _time) = (ends, self, notices, events, time);
        _told = new CertificateStage[ends.Count];
        Look();
        _timer = time.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = _time.GetUtcNow();
        var ending = _ends.Where(end => end.StageAt(now) != CertificateStage.Good).Select(end => end.SentenceAt(now)).ToList();
        _notices.Set(Notices.Certificates, ending.Count == 0 ? null : string.Join("; ", ending));
        for (var i = 0; i < _ends.Count; i++)
        {
            var stage = _ends[i].StageAt(now);
            if (stage > _told[i])
                _events.Tell(CaEvents.CertificateProblem(_self.Value, _ends[i].SentenceAt(now)));
            _told[i] = stage;
        }
    }
}
