using System.Net;
using ClusterActors.Linux.Net;
using ClusterActors.Linux.Time;
using ClusterActors.Model;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Addresses;

/// <summary>Building the fence, seeing that it stays what it was built as, and addresses that come up under it.</summary>
internal sealed partial class AddressKeeper
{
    private const long InspectEvery = 1_000_000_000;

    private long _nextInspection;

    private bool HoldsFenced => _held.Values.Any(h => h.Request.Fenced);

    /// <summary>By number as well: an interface that was made anew under its old name carries no fence.</summary>
    private bool IsFenced(LinkInfo link) => _fencedLinks.Any(l => l.Index == link.Index && l.Name == link.Name);

    private Reply AddFenced(AddAddress request, LinkInfo link, string name)
    {
        if (!_leases.Ready || !IsFenced(link))
            MakeFence();
        if (!_leases.Ready)
            return Unfenced(request, $"{name}: no address fence: {_fenceProblem}; write 'fence = none' to do without", _fenceProblem);
        if (!IsFenced(link))
        {
            string newer = $"interface {link.Name} is newer than the fence, which still guards other addresses; move those away once";
            return Unfenced(request, $"{name}: {newer}", newer);
        }

        _leases.Enclose(request.Address);
        try
        {
            _netlink.AddAddress(link, request.Address, _lifetime);
            if (!_leases.Open(request.Address))
            {
                TakeDown(link, request.Address);
                return new Reply(GuardianResult.Refused, $"{name}: the grant ended while the address was being started", []);
            }
        }
        catch (NetworkException)
        {
            TakeDown(link, request.Address);
            throw;
        }

        Tell(new FenceArmed(request.Group, request.Resource, request.Address, _leases.Kind));
        return Hold(request, link);
    }

    private Reply Unfenced(AddAddress request, string sentence, string detail)
    {
        Tell(new FenceMissing(request.Group, request.Resource, request.Address, detail));
        return new Reply(GuardianResult.Refused, sentence, []);
    }

    /// <summary>Builds the fence over all interfaces but the loopback, unless addresses are under the present one.</summary>
    private void MakeFence()
    {
        FenceChoice wanted = _settings?.Fence ?? FenceChoice.None;
        if (wanted == FenceChoice.None)
        {
            _fenceProblem = _settings is null ? "no settings yet" : "the cluster's settings say fence = none, but this address asks for one";
            return;
        }

        if (_held.Count > 0)
            return;
        try
        {
            LinkInfo[] links = LinksToFence();
            if (links.Length == 0)
            {
                _fenceProblem = "this server has no network interface";
                return;
            }

            FenceLease lease = FenceLease.For(_settings!, BootClock.Tick());
            bool suits = _leases.Kind == FenceChoice.Bpf || (lease == _lease && lease.WhyNot(_settings!) is null);
            if (_leases.Ready && suits && links.All(IsFenced) && (wanted == FenceChoice.Auto || wanted == _leases.Kind))
                return;
            Build(links, lease);
        }
        catch (Exception e) when (e is NetworkException or IOException)
        {
            _leases.Drop();
            _fenceProblem = e.Message;
            _log.Error($"address fence: {e.Message}; floating addresses will be refused");
        }
    }

    private LinkInfo[] LinksToFence() => [.. _netlink.ListLinks().Where(l => !l.IsLoopback)];

    /// <summary>Installs a fence with the held addresses in it, open as far as the lease allows, and puts it to use. Throws when it cannot be, or may not be, relied on.</summary>
    private void Build(LinkInfo[] links, FenceLease lease)
    {
        FenceKind? kind = _settings!.Fence switch
        {
            FenceChoice.Bpf => FenceKind.Bpf,
            FenceChoice.Nft => FenceKind.Nftables,
            _ => null,
        };
        IAddressFence fence = AddressFences.Create(new FenceOptions(_instance, [.. links.Select(l => l.Name)]) { LongestArm = lease.Arm }, kind);
        try
        {
            bool relative = !fence.HasAbsoluteDeadline;
            if (relative && lease.WhyNot(_settings!) is { } problem)
                throw new NetworkException("address fence", problem);
            fence.Install();
            ReleaseLeft(fence);
            foreach (HeldAddress held in _held.Values.Where(h => h.Request.Fenced))
            {
                fence.AddAddress(held.Request.Address);
                fence.OpenAddress(held.Request.Address);
            }

            _leases.Use(fence, relative ? lease : null);
            (_fencedLinks, _lease) = (links, lease);
            _log.Info($"address fence: {fence.Describe()}");
            if (relative && lease.GrantFor(_settings!) is var span && span < _settings!.Grant)
                _log.Warn($"address fence: an nftables lease may outlive the grant, so addresses answer for {span.TotalMilliseconds} ms after a beat instead of {_settings.Grant.TotalMilliseconds} ms");
        }
        catch
        {
            fence.Dispose();
            throw;
        }
    }

    /// <summary>Addresses of an earlier life leave the interfaces before they leave the fence: in between nothing would hold them closed.</summary>
    private void ReleaseLeft(IAddressFence fence)
    {
        IPAddress[] left = [.. fence.Addresses.Where(a => _held.Values.All(h => !h.Request.Address.Equals(a)))];
        if (left.Length == 0)
            return;
        foreach (LinkInfo link in _netlink.ListLinks())
        {
            // The fence is the better record of what is ours: older kernels keep no tag of an IPv6 address.
            foreach (IPAddress address in left)
            {
                if (_netlink.RemoveAddress(link, address))
                    _log.Warn($"{address}, left by an earlier life on {link.Name}, was removed");
            }
        }

        if (_held.Count == 0)
            RemoveLeftovers();
        foreach (IPAddress address in left)
            fence.RemoveAddress(address);
    }

    private void InspectFence(long now)
    {
        if (now < _nextInspection || !HoldsFenced)
            return;
        _nextInspection = now + InspectEvery;
        FenceInspection found = _leases.Inspect();
        if (found.Intact)
            return;
        _log.Error($"address fence: the kernel's state is not as installed: {found}; all addresses are closed and the fence is built anew; is another tool changing it?");
        if (_leases.Break() is { } open)
            _log.Error($"address fence: {open}");
        try
        {
            Build(LinksToFence(), FenceLease.For(_settings!, BootClock.Tick()));
        }
        catch (Exception e) when (e is NetworkException or IOException)
        {
            _fenceProblem = e.Message;
            _leases.Drop();
            _log.Error($"address fence: {e.Message}; the addresses under it are taken down");
            foreach (HeldAddress held in _held.Values.Where(h => h.Request.Fenced).ToArray())
                Abandon(held);
        }
    }

    /// <summary>An address without a fence must not stay, whatever else fails.</summary>
    private void Abandon(HeldAddress held)
    {
        try
        {
            _netlink.RemoveAddress(held.Link, held.Request.Address);
            SocketDestroyer.DestroyBoundTo(held.Request.Address);
            Forget(held);
            Tell(new FenceMissing(held.Request.Group, held.Request.Resource, held.Request.Address, _fenceProblem));
            TellLost(held, "it has no fence");
        }
        catch (NetworkException e)
        {
            _log.Error($"{held.Request.Group}.{held.Request.Resource}: {e.Message}; trying again");
        }
    }
}
