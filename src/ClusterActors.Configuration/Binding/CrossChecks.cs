using System.Net;
using ClusterActors.Model;
using ClusterActors.Model.Resources;

namespace ClusterActors.Configuration.Binding;

/// <summary>What can only be judged when all parts are known: addresses against networks, resource types against policies.</summary>
internal sealed class CrossChecks(BindingReport report, ClusterConfigOptions options, ClusterConfig config, Section cluster, KnownParts known)
{
    public void Run()
    {
        var owners = new Dictionary<IPAddress, string>();
        foreach (var server in config.Servers)
        {
            foreach (var address in server.Addresses) owners.TryAdd(address, $"server '{server.Name}' ({server.Location})");
        }

        foreach (var arbiter in config.Arbiters)
        {
            foreach (var address in AddressesOf(arbiter)) owners.TryAdd(address, $"arbiter '{arbiter.Name}' ({arbiter.Location})");
        }

        foreach (var group in config.Groups)
        {
            foreach (var resource in group.Resources)
            {
                var type = options.ResourceTypes.First(t => t.Type == resource.Type);
                CheckAddresses(group, resource, type, owners);
                CheckPolicies(group, resource, type);
                if (options.ResourceChecks.TryGetValue(resource.Type, out var check) && IsComplete(resource, type))
                {
                    foreach (var sentence in check(resource, config)) report.Add(resource.Location, $"groups.{group.Name}.resources.{resource.Name}: {sentence}");
                }
            }
        }
    }

    private static IReadOnlyList<IPAddress> AddressesOf(ArbiterConfig arbiter) => arbiter switch
    {
        WitnessArbiterConfig witness => witness.Addresses,
        PingArbiterConfig ping => ping.Targets,
        _ => [],
    };

    /// <summary>A type's own check may rely on its required keys; with one missing, that has been reported and is enough.</summary>
    private static bool IsComplete(ResourceConfig resource, ResourceTypeDescription type) =>
        type.Parameters.All(p => (!p.Required && p.Default is null) || resource.Parameters.Values.ContainsKey(p.Key));

    private void CheckAddresses(GroupConfig group, ResourceConfig resource, ResourceTypeDescription type, Dictionary<IPAddress, string> owners)
    {
        foreach (var key in type.Parameters.Where(p => p.Kind == ParameterKind.AddressWithPrefix).Select(p => p.Key))
        {
            if (resource.Parameters.OptionalText(key) is not { } text || !AddressWithPrefix.TryParse(text, out var address, out _)) continue;
            var where = $"groups.{group.Name}.resources.{resource.Name}.{key}";
            if (!owners.TryAdd(address, $"resource '{group.Name}.{resource.Name}' ({resource.Location})"))
                report.Add(resource.Location, $"{where} is {address}, which {owners[address]} has too; each address is used once");

            // With a device named, the administrator has said where the address belongs.
            if (resource.Parameters.Values.ContainsKey("device") || !known.Heartbeats || !config.LanHeartbeats.Any()) continue;
            if (!config.LanHeartbeats.Any(h => h.Network.Contains(address)))
                report.Add(resource.Location, $"{where} is {address}, which is on no heartbeat network ({Words.List(config.LanHeartbeats.Select(h => h.Network.ToString()))}); correct it, or name the interface with device = ...");
        }
    }

    private void CheckPolicies(GroupConfig group, ResourceConfig resource, ResourceTypeDescription type)
    {
        var where = $"groups.{group.Name}.resources.{resource.Name}";
        if (resource.Exclusion == ExclusionClass.Proof && config.OnPartition == PartitionPolicy.TakeOver && group.Failover == FailoverMode.Auto)
        {
            report.Add(
                resource.Location,
                $"{where} is a resource whose old copy nothing stops (class proof), while {cluster.FullPath("on-partition")} is take-over and the group's failover is auto; "
                + "both servers could use it at once; write failover = manual or on-partition = hold");
        }

        if (resource.Exclusion == ExclusionClass.Proof && config.OnPartition == PartitionPolicy.AskArbiters && group.Failover == FailoverMode.Auto
            && known.Arbiters && !config.Arbiters.OfType<FenceArbiterConfig>().Any())
        {
            report.Add(
                resource.Location,
                $"{where} is a resource of class proof, which another server may use only when the old one is provably off, while the group's failover is auto "
                + "and no arbiter of type fence is configured; add one under arbiters, or write failover = manual");
        }

        if (type.Exclusion == ExclusionClass.Lease && config.Fence == FenceChoice.None
            && type.Parameters.Any(p => p.Key == "fence") && resource.Parameters.OptionalText("fence") is { } fence and not "none")
        {
            report.Add(
                resource.Location,
                $"{where}.fence is '{fence}', but {cluster.FullPath("fence")} is none; the address would never be started; write fence = none here too, or another {cluster.FullPath("fence")}");
        }
    }
}
