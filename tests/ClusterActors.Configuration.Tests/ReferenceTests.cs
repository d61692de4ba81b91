using ClusterActors.Resources;

namespace ClusterActors.Configuration.Tests;

/// <summary>reference.conf, binding and documentation are one: each is walked against the others.</summary>
public sealed class ReferenceTests
{
    private static readonly string[] NotBound = ["definitions", "profiles."];

    [Fact]
    public void Built_in_reference_must_be_the_file() => Assert.Equal(Golden.Hocon("reference.conf"), Reference.Text);

    [Fact]
    public void Every_reference_key_must_be_bound_and_every_bound_key_must_be_in_the_reference()
    {
        var inReference = Reference.Config.Entries().Select(e => e.Path.ToString()).Where(p => !NotBound.Any(n => p.StartsWith(n, StringComparison.Ordinal)));
        var profile = Sample.Bind(Sample.Text).BoundKeys;
        var own = Sample.With("cluster.heartbeat { interval = 100ms, timeout = 1s }").BoundKeys;
        var devices = Sample.With("heartbeats { disk { type = disk, device = /dev/sdb1 }, line { type = com, device = /dev/ttyS0 } }").BoundKeys;
        var bound = profile.Union(own).Union(devices).Union(Sample.With(Sample.AllArbiters).BoundKeys);
        Assert.Equal(inReference.Order(StringComparer.Ordinal), bound.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_profile_must_have_the_same_keys_and_hold_its_inequalities()
    {
        var profiles = Reference.Config.GetConfig("profiles");
        foreach (var profile in profiles.Root.Fields)
        {
            Assert.Equal(["interval", "timeout", "grant", "grant-nft"], ((Hocon.ConfigObject)profile.Value).Fields.Select(f => f.Key));
            Assert.Equal(profile.Key, Sample.Good($"cluster.heartbeat.profile = {profile.Key}").Heartbeat.Profile);
        }

        foreach (var name in new[] { "default", "manual-3.0" }) Sample.Good($"cluster {{ fence = nft, heartbeat.profile = {name} }}");
    }

    [Fact]
    public void Every_reference_key_must_have_a_comment()
    {
        var lines = Reference.Text.Split('\n');
        foreach (var entry in Reference.Config.Entries())
        {
            var comment = lines[entry.KeyOrigin.Line - 2].Trim();
            Assert.True(comment.StartsWith("# ", StringComparison.Ordinal) && comment.Length > 10, $"{entry.KeyOrigin}: {entry.Path} has no comment above it");
        }
    }

    [Fact]
    public void Reference_text_of_a_type_must_show_every_key_with_its_default()
    {
        foreach (var type in ResourceTypes.All.Select(t => t.Description))
        {
            var text = ReferenceText.For(type);
            foreach (var parameter in type.Parameters) Assert.Contains($"\n  {parameter.Key} = {parameter.Default ?? "null"}\n", text, StringComparison.Ordinal);
            Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 120));
            Assert.Equal(type.Type, Hocon.Config.Parse(text, "reference").GetString("NAME.type"));
        }
    }
}
