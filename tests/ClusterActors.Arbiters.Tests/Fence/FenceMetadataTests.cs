using System.Diagnostics;
using ClusterActors.Arbiters.Fence;
using ClusterActors.Model;

namespace ClusterActors.Arbiters.Tests.Fence;

public sealed class FenceMetadataTests
{
    private static readonly FenceMetadata Scripted = FenceMetadata.Parse(Run(FenceGiven.Agent("fence_scripted")));

    /// <summary>Agents of the Debian package fence-agents that are installed here; the first line when none is.</summary>
    public static TheoryData<string> Installed() => Directory.Exists("/usr/sbin")
        ? [.. Directory.GetFiles("/usr/sbin", "fence_*").Where(path => Path.GetFileName(path) != "fence_ack_manual").Order().DefaultIfEmpty("none")]
        : ["none"];

    [Fact]
    public void Parameters_and_actions_must_be_read()
    {
        Assert.Equal("fence_scripted", Scripted.Name);
        var fail = Scripted.Parameters.Single(p => p.Name == "fail");
        Assert.Equal(new FenceParameter("fail", false, "integer", "0", false, "Failures first"), fail);
        Assert.True(Scripted.Parameters.Single(p => p.Name == "plug").Required);
        Assert.False(Scripted.NeedsUnfencing);
        Assert.True(Scripted.Can("off"));
        Assert.False(Scripted.Can("validate-all"));
    }

    [Theory]
    [InlineData("", "no well-formed XML")]
    [InlineData("<other/>", "must be <resource-agent")]
    [InlineData("<resource-agent name='x'><actions/></resource-agent>", "lists no action")]
    [InlineData("<resource-agent name='x'><actions><action/></actions></resource-agent>", "an action has no name")]
    public void Other_text_must_be_refused(string xml, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => FenceMetadata.Parse(xml)).Message, StringComparison.Ordinal);

    [Fact]
    public void Text_with_entities_of_its_own_must_not_be_expanded() =>
        Assert.ThrowsAny<FormatException>(() => FenceMetadata.Parse(
            "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><resource-agent name='x'><longdesc>&e;</longdesc><actions><action name='off'/></actions></resource-agent>"));

    [Fact]
    public void Options_must_be_checked_against_the_metadata()
    {
        var server = new ServerName("server2");
        var problems = FenceOptionRules.Check(Scripted, new Dictionary<string, string> { ["adress"] = "10.0.0.1", ["action"] = "on" }, server);
        Assert.Equal(
            [
                "fence_scripted has no option adress; fence_scripted -o metadata lists them",
                "option action of fence_scripted is set by the cluster; take it out",
                "fence_scripted needs option state_dir for server2 (Folder of the power states)",
            ], problems);
    }

    [Theory]
    [InlineData("fence_scsi", "<action name='on' automatic='1'/><action name='off'/><action name='status'/>", "fence_scsi cuts storage or a port")]
    [InlineData("fence_heuristics_ping", "<action name='off'/><action name='monitor'/>", "fence_heuristics_ping only sends pings")]
    [InlineData("fence_crosslink", "<action name='off'/><action name='status'/>", "fence_crosslink takes a server that answers no ping for off")]
    [InlineData("fence_x", "<action name='on'/><action name='status'/>", "fence_x has neither off nor reboot")]
    [InlineData("fence_x", "<action name='on' automatic='0'/><action name='off'/>", null)]
    public void Agent_whose_success_proves_nothing_must_be_a_problem(string name, string actions, string? why)
    {
        var metadata = FenceMetadata.Parse($"<resource-agent name='{name}'><actions>{actions}</actions></resource-agent>");
        var problems = FenceOptionRules.Check(metadata, new Dictionary<string, string>(), new ServerName("server2"));
        Assert.Equal(why is null ? 0 : 1, problems.Count);
        Assert.StartsWith(why ?? "", problems.SingleOrDefault() ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Older_name_of_a_needed_option_must_do()
    {
        var metadata = FenceMetadata.Parse("""
            <resource-agent name="fence_x">
              <parameters>
                <parameter name="ip" required="1" obsoletes="ipaddr"><content type="string"/></parameter>
                <parameter name="ipaddr" required="1" deprecated="1"><content type="string"/></parameter>
              </parameters>
              <actions><action name="off"/><action name="status"/></actions>
            </resource-agent>
            """);
        Assert.Empty(FenceOptionRules.Check(metadata, new Dictionary<string, string> { ["ipaddr"] = "10.0.9.1" }, new ServerName("server2")));
        Assert.Single(FenceOptionRules.Check(metadata, new Dictionary<string, string>(), new ServerName("server2")));
    }

    [Fact]
    public void Plug_must_be_the_server_where_the_agent_insists_on_one_and_none_is_written()
    {
        var server = new ServerName("server2");
        var lines = FenceOptionRules.Lines(Scripted, new Dictionary<string, string> { ["state_dir"] = "/d" }, "off", server);
        Assert.Equal([("action", "off"), ("state_dir", "/d"), ("nodename", "server2"), ("plug", "server2")], lines.Select(l => (l.Key, l.Value)));
        Assert.Equal("7", FenceOptionRules.Lines(Scripted, new Dictionary<string, string> { ["plug"] = "7" }, "off", server)["plug"]);
    }

    [Fact]
    public void Shown_options_must_hide_secrets()
    {
        var options = new Dictionary<string, string> { ["username"] = "ops", ["password"] = "geheim", ["snmp_priv_passwd"] = "x", ["ip"] = "10.0.0.9" };
        Assert.Equal("ip=10.0.0.9 password=**** snmp_priv_passwd=**** username=ops", Secrets.Show(options));
    }

    [Theory]
    [MemberData(nameof(Installed))]
    public void Metadata_of_every_installed_agent_must_be_readable(string path)
    {
        Assert.SkipWhen(path == "none", "no fence agent is installed; Debian package fence-agents");
        var metadata = FenceMetadata.Parse(Run(path));
        Assert.NotEmpty(metadata.Actions);
        Assert.NotEmpty(metadata.Parameters);
    }

    private static string Run(string path)
    {
        using var process = Process.Start(new ProcessStartInfo(path, ["-o", "metadata"]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return text;
    }
}
