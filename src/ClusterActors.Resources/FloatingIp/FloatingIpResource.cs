using System.Globalization;
using System.Net;
using ClusterActors.Model.Resources;

namespace ClusterActors.Resources.FloatingIp;

/// <summary>A floating IP's parameters, bound once.</summary>
internal sealed record FloatingIpOptions(IPAddress Address, int Prefix, string? Device, bool Probe, bool Fenced)
{
    public static FloatingIpOptions From(ResourceParameters parameters)
    {
        var text = parameters.Text("ip");
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return new(
            IPAddress.Parse(text.AsSpan(0, slash)),
            int.Parse(text.AsSpan(slash + 1), CultureInfo.InvariantCulture),
            parameters.OptionalText("device"),
            parameters.Boolean("probe"),
            parameters.Text("fence") == "kernel");
    }
}

/// <summary>
/// Adds and removes the address through the guardian, which installs the kernel fence first, renews it with every beat and makes
/// the announcements (safety.md section 3). Nothing here touches an interface.
/// </summary>
internal sealed class FloatingIpResource(FloatingIpOptions options, IResourceHost host) : IResource
{
    public async Task<ResourceOutcome> StartAsync(StartRequest request, CancellationToken cancellation)
    {
        var probe = options.Probe && request is { Cause: StartCause.Start, BothActivationCheck: true };
        await host.AddAddressAsync(
            new AddressRequest(request.Group, request.Resource.Name, request.Term, request.Ticket, options.Address, options.Prefix, options.Device, probe, options.Fenced),
            cancellation).ConfigureAwait(false);
        return ResourceOutcome.Running($"{options.Address}/{options.Prefix}");
    }

    public async Task<ResourceOutcome> StopAsync(StopRequest request, CancellationToken cancellation)
    {
        await host.RemoveAddressAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        return ResourceOutcome.Stopped($"{options.Address} removed");
    }

    public async Task<ResourceOutcome> CheckAsync(StartRequest request, CancellationToken cancellation) =>
        await host.HasAddressAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false)
            ? ResourceOutcome.Running($"{options.Address}/{options.Prefix}")
            : ResourceOutcome.Stopped($"{options.Address} is not on this server");

    public async Task<ResourceOutcome> WatchAsync(StartRequest request, CancellationToken cancellation)
    {
        var why = await host.WaitForAddressLossAsync(request.Group, request.Resource.Name, cancellation).ConfigureAwait(false);
        return ResourceOutcome.Failed($"{options.Address} is down: {why}");
    }
}
