using System.Text.RegularExpressions;
using ClusterActors.Lab;

namespace ClusterActors.EndToEnd;

/// <summary>The lab itself: what its faults do, and that nothing of it stays behind.</summary>
public sealed class LabTests
{
    public LabTests() => Assert.SkipWhen(LabCluster.MissingReason is not null, LabCluster.MissingReason ?? "");

    [Fact]
    public Task Hosts_must_reach_each_other_on_every_network_and_have_files_of_their_own() => LabCluster.RunAsync(new LabOptions { Witness = true }, async lab =>
    {
        foreach (var address in new[] { "10.77.1.2", "10.77.2.2", "fd77:1::2", "fd77:2::200" })
            await Reachable(lab, "server1", address);
        Assert.Equal("server1", await lab.OutputAsync("server1", "cat", "/proc/sys/kernel/hostname"));
        Assert.Equal("eth1\neth2\nlo", await lab.OutputAsync("server1", "ls", "/sys/class/net"));
        Assert.NotEqual(await BootId(lab, "server1"), await BootId(lab, "server2"));
        await lab.OutputAsync("server1", "touch", "/run/one", "/tmp/one", "/dev/shm/one", "/var/lib/one", "/etc/clp/one");
        Assert.Equal("", await lab.OutputAsync("server2", "sh", "-c", "ls /tmp /dev/shm /var/lib /etc/clp | grep -x one || true"));
        Assert.Equal("0::/", (await lab.OutputAsync("server1", "cat", "/proc/self/cgroup")).Split('\n')[^1]);
    });

    [Fact]
    public Task Cut_of_one_direction_must_drop_only_that_direction_on_that_network() => LabCluster.RunAsync(new LabOptions(), async lab =>
    {
        await lab.CutAsync("server2", "server1", network: 1, oneWay: true);

        await Unreachable(lab, "server1", "10.77.1.2");
        await Reachable(lab, "server1", "10.77.2.2");
        await Reachable(lab, "client1", "10.77.1.2");
        // Only the way back is cut: what server1 sends still arrives (its neighbour entry is fixed, since the answer to ARP is cut too).
        await lab.OutputAsync("server1", "ip", "neigh", "replace", "10.77.1.2", "lladdr", "02:77:01:00:00:02", "nud", "permanent", "dev", "eth1");
        var before = await ReceivedPackets(lab, "server2", "eth1");
        await lab.ExecAsync("server1", "ping", "-c", "3", "-i", "0.05", "-W", "0.2", "10.77.1.2");
        Assert.True(await ReceivedPackets(lab, "server2", "eth1") >= before + 3);

        await lab.HealAsync("server2", "server1", network: 1, oneWay: true);
        await lab.UntilAsync("server1 reaches server2 again", () => Answers(lab, "server1", "10.77.1.2"));
        await lab.CutAsync("server1", "all");
        foreach (var address in new[] { "10.77.1.2", "10.77.2.101", "10.77.2.254" })
            await Unreachable(lab, "server1", address);
        await lab.HealAsync();
        foreach (var address in new[] { "10.77.1.2", "10.77.2.101", "10.77.2.254" })
            await lab.UntilAsync($"server1 reaches {address} again", () => Answers(lab, "server1", address));

        await lab.MakeHubAsync();
        var overheard = await ReceivedPackets(lab, "client1", "eth1");
        await lab.ExecAsync("server1", "ping", "-c", "10", "-i", "0.02", "10.77.1.2");
        Assert.True(await ReceivedPackets(lab, "client1", "eth1") >= overheard + 20);
    });

    [Fact]
    public Task Freeze_must_stop_every_process_and_thaw_must_let_all_go_on() => LabCluster.RunAsync(new LabOptions { Networks = 1 }, async lab =>
    {
        await lab.StartServiceAsync("server1", Repository.Responder, "--port", "7000", "--oracle", LabCluster.SharedOnHosts + "/oracle");
        await using var probe = lab.Start("client1", Repository.BenchProgram, "probe", "--target", "10.77.1.1", "--port", "7000", "--seconds", "20", "--until-eof");
        await probe.LineAsync("server1 answers", line => line.StartsWith("answered-by server1", StringComparison.Ordinal), LabCluster.CommandLimit);

        var frozen = await lab.FreezeAsync("server1");
        foreach (var pid in await lab.PidsAsync("server1"))
            Assert.Equal('T', StateOf(pid));
        var oracle = Path.Combine(lab.Directory, "shared", "oracle");
        Assert.InRange(LastWitness(oracle), 1, frozen.Done);
        var thawed = await lab.ThawAsync("server1");
        await lab.UntilAsync("the program goes on", () => Task.FromResult(LastWitness(oracle) > thawed.At));
        probe.EndInput();
        await probe.EndAsync(LabCluster.CommandLimit);
        Assert.Contains("answered by server1", probe.Said);
    });

    [Fact]
    public Task Power_off_must_end_the_host_at_once_and_power_on_must_keep_only_its_disk() => LabCluster.RunAsync(new LabOptions(), async lab =>
    {
        var oracle = Path.Combine(lab.Directory, "shared", "oracle");
        await lab.StartServiceAsync("server1", Repository.Responder, "--port", "7000", "--oracle", LabCluster.SharedOnHosts + "/oracle");
        await lab.OutputAsync("server1", "touch", "/run/lost", "/tmp/lost", "/var/lib/kept", "/etc/clp/kept");
        var bootId = await BootId(lab, "server1");
        await lab.UntilAsync("the program runs", () => Task.FromResult(LastWitness(oracle) > 0));

        var off = await lab.PowerOffAsync("server1");
        Assert.InRange(LastWitness(oracle), 1, off.Done + 5_000_000);
        await Unreachable(lab, "server2", "10.77.1.1");
        Assert.NotEqual(0, (await lab.ExecAsync("server1", "true")).ExitCode);

        await lab.PowerOnAsync("server1");
        Assert.Equal("/etc/clp/kept\n/var/lib/kept", await lab.OutputAsync("server1", "sh", "-c", "ls /run/lost /tmp/lost /etc/clp/kept /var/lib/kept 2>/dev/null || true"));
        Assert.NotEqual(bootId, await BootId(lab, "server1"));
        await lab.UntilAsync("server2 reaches server1 again", () => Answers(lab, "server2", "10.77.1.1"));
        await lab.UntilAsync("the init started the service again", () => Task.FromResult(LastWitness(oracle) > off.Done));
    });

    [Fact]
    public Task Init_must_restart_a_killed_service_and_not_a_stopped_one_or_one_that_ended_well() => LabCluster.RunAsync(new LabOptions { Servers = 1, Networks = 1, Clients = 0 }, async lab =>
    {
        await lab.StartServiceAsync("server1", "/usr/bin/tail", "-f", "/dev/null");
        var first = Assert.Single(await lab.PidsAsync("server1", "service"));
        await lab.KillAsync("server1", "service");
        await lab.UntilAsync("another process runs", async () => (await lab.PidsAsync("server1", "service")) is [var second] && second != first);
        await lab.StopServiceAsync("server1");
        Assert.Empty(await lab.PidsAsync("server1", "exe:tail"));

        await lab.StartServiceAsync("server1", "/bin/sh", "-c", "echo began >> /var/log/began; sleep 3");
        await lab.UntilAsync("it has ended", async () => (await lab.PidsAsync("server1", "service")).Length == 0);
        // What would start it again is a process of the init; without it nothing can.
        await lab.UntilAsync("its keeper has ended too", async () => (await lab.PidsAsync("server1")).Length == 0);
        Assert.Equal("began", await lab.OutputAsync("server1", "cat", "/var/log/began"));
    });

    [Fact]
    public async Task Down_must_leave_nothing_behind_in_whatever_state_the_lab_is()
    {
        var lab = await LabCluster.StartAsync();
        await lab.StartServiceAsync("server1", "/usr/bin/sleep", "1000");
        await lab.StartServiceAsync("server2", "/usr/bin/sleep", "1000");
        await lab.CutAsync("server1", "server2");
        int[] processes = [.. await lab.PidsAsync("server1"), .. await lab.PidsAsync("server2")];
        Assert.NotEmpty(processes);
        await lab.PowerOffAsync("server1");
        await lab.FreezeAsync("server2");

        await lab.DisposeAsync();

        Assert.False(Directory.Exists(lab.Directory));
        Assert.All(processes, pid => Assert.False(Directory.Exists($"/proc/{pid}")));
        // By name, not by number: other work on this machine may make links and mounts of its own meanwhile.
        Assert.DoesNotContain(Directory.GetDirectories("/sys/class/net"), link => Regex.IsMatch(Path.GetFileName(link), @"^([scw]\d+n\d+|br[1-8])$"));
        Assert.DoesNotContain(File.ReadAllLines("/proc/self/mountinfo"), mount => mount.Contains(lab.Name, StringComparison.Ordinal));
        foreach (var tree in new[] { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" }.Where(Directory.Exists))
            Assert.DoesNotContain(Directory.GetDirectories(tree), group => group.Contains("clp-lab." + lab.Name, StringComparison.Ordinal));
    }

    private static Task<string> BootId(LabCluster lab, string host) => lab.OutputAsync(host, "cat", "/proc/sys/kernel/random/boot_id");

    private static async Task<bool> Answers(LabCluster lab, string from, string address) =>
        (await lab.ExecAsync(from, "ping", "-c", "2", "-i", "0.1", "-W", "1", "-q", address)).ExitCode == 0;

    private static async Task Reachable(LabCluster lab, string from, string address) =>
        Assert.True(await Answers(lab, from, address), $"{from} does not reach {address}");

    private static async Task Unreachable(LabCluster lab, string from, string address) =>
        Assert.False(await Answers(lab, from, address), $"{from} reaches {address} although that is cut");

    private static async Task<long> ReceivedPackets(LabCluster lab, string host, string device) =>
        long.Parse(await lab.OutputAsync(host, "cat", $"/sys/class/net/{device}/statistics/rx_packets"));

    private static char StateOf(int pid) => Regex.Match(File.ReadAllText($"/proc/{pid}/status"), @"State:\s+(\S)").Groups[1].Value[0];

    /// <summary>Instant of the last whole line of an oracle file; 0 while there is none.</summary>
    private static long LastWitness(string file)
    {
        if (!File.Exists(file))
            return 0;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n')[..^1];
        return lines.Length == 0 ? 0 : long.Parse(lines[^1].Split(' ')[2]);
    }
}
