using ClusterActors.Linux.Net;
using ClusterActors.Linux.Net.Announce;
using ClusterActors.Linux.Time;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Addresses;

/// <summary>What is done for addresses that are up: announcements, lifetimes, rivals, and giving one up that can no longer be held.</summary>
internal sealed partial class AddressKeeper
{
    private const long LifetimeEvery = 1_000_000_000;
    private const int ClaimsPerLook = 64;
    private const long DefenceGap = 1_000_000_000;

    // Keeping fails and succeeds by turns, as only some rounds have something to do: the same sentence is said once, and once more after this time.
    private const long SameSentenceAfter = 60_000_000_000;

    private string _saidSentence = "";
    private long _sayAgainAt;

    private Reply Keep()
    {
        long now = BootClock.NowNanoseconds();
        bool allowed = _leases.Allowed;
        List<(HeldAddress Held, string Why)>? lost = null;
        foreach (HeldAddress held in _held.Values)
        {
            if (allowed && held.NextAnnouncement <= now)
            {
                Announce(held);
                held.Announced();
            }

            if (held.NextLifetime <= now)
            {
                held.NextLifetime = now + LifetimeEvery;
                if (allowed && Renew(held, now) is { } why)
                    (lost ??= []).Add((held, why));
            }
        }

        foreach ((HeldAddress held, string why) in lost ?? [])
            Lose(held, why);
        InspectFence(now);
        foreach (LinkPresence presence in _presences.Values)
        {
            for (int i = 0; i < ClaimsPerLook && presence.TryTakeClaim(out RivalClaim? claim); i++)
                OnClaim(presence, claim!, now);
        }

        return new Reply(GuardianResult.Done, "", []);
    }

    private void Say(Reply kept)
    {
        long now = BootClock.NowNanoseconds();
        if (kept.Succeeded || (kept.Sentence == _saidSentence && now < _sayAgainAt))
            return;
        (_saidSentence, _sayAgainAt) = (kept.Sentence, now + SameSentenceAfter);
        _log.Error($"{kept.Sentence}; trying again");
    }

    /// <summary>Renews the kernel's lifetime of an address. Null, or why the address cannot be up any more.</summary>
    private string? Renew(HeldAddress held, long now)
    {
        try
        {
            _netlink.AddAddress(held.Link, held.Request.Address, _lifetime);
            held.RenewedAt = now;
            held.Problem = "";
            return null;
        }
        catch (NetworkException e)
        {
            // By its number: one that was made anew under its old name is another, without the fence, and is reached by a new start only.
            if (e.IsNoInterface)
                return $"interface {held.Link.Name} (number {held.Link.Index}) is gone";
            if (now - held.RenewedAt >= _lifetime.Ticks * 100)
                return $"the kernel has not renewed it on {held.Link.Name} for {_lifetime.TotalSeconds} s: {e.Message}";
            if (held.Problem != e.Message)
                _log.Error($"{held.Name}: {e.Message}; trying again");
            held.Problem = e.Message;
            return null;
        }
    }

    /// <summary>
    /// The way down of every address, and the daemon is told: for it this is the end of the resource. Stays held when a step fails, and is
    /// tried again at the next renewal.
    /// </summary>
    private void Lose(HeldAddress held, string why)
    {
        try
        {
            TakeDown(held.Link, held.Request.Address);
        }
        catch (NetworkException e)
        {
            if (held.Problem != e.Message)
                _log.Error($"{held.Name}: {why}, but {e.Message}; trying again");
            held.Problem = e.Message;
            return;
        }

        Forget(held);
        TellLost(held, why);
    }

    private void TellLost(HeldAddress held, string why)
    {
        _log.Error($"{held.Name}: {held.Request.Address} is down: {why}");
        Tell(new AddressLost(held.Request.Group, held.Request.Resource, held.Request.Address, why));
    }

    private void Announce(HeldAddress held)
    {
        Announcement announcement = _presences[held.Link.Index].Announce(held.Request.Address);
        if (announcement.Outcome != AnnouncementOutcome.Sent)
            _log.Warn(announcement.Detail);
    }

    private void OnClaim(LinkPresence presence, RivalClaim claim, long now)
    {
        HeldAddress? held = _held.Values.FirstOrDefault(h => h.Request.Address.Equals(claim.Address) && h.Link.Index == presence.Index);
        if (held is null || now < held.NextDefence)
            return;
        held.NextDefence = now + DefenceGap;
        if (_leases.Allowed && held.Request.Announce)
            Announce(held);
        string mac = Words(claim.Mac);
        _log.Warn($"{held.Request.Group}.{held.Request.Resource}: {mac} on {held.Link.Name} also claims {claim.Address}");
        Tell(new AddressConflict(held.Request.Group, held.Request.Resource, claim.Address, mac));
    }
}
