using System.Diagnostics;
using System.Globalization;
using ClusterActors.Arbiters.Fence;
using ClusterActors.Model;

namespace ClusterActors.Arbiters.Tests.Fence;

public sealed class FenceArbiterTests : IDisposable
{
    private static readonly CancellationToken Never = TestContext.Current.CancellationToken;
    private readonly FenceGiven _given = new();

    public void Dispose() => _given.Dispose();

    [Fact]
    public async Task Server_must_be_off_and_confirmed_before_it_counts_as_proven()
    {
        await using var power = _given.Arbiter(_given.Device());
        var answer = await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.True(answer.Succeeded, answer.Sentence);
        Assert.True(_given.IsOff("server2"));
        Assert.Equal(["off server2", "status server2"], _given.Calls);
    }

    [Fact]
    public async Task Off_that_reports_success_must_not_count_while_the_power_is_on()
    {
        await using var power = _given.Arbiter(_given.Device(("stuck", "1")), retries: 1);
        var answer = await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.False(answer.Succeeded);
        Assert.Contains("off: done, but fence_scripted status: on", answer.Sentence, StringComparison.Ordinal);
        Assert.Equal(4, _given.Calls.Length);
    }

    [Fact]
    public async Task Reboot_must_prove_by_off_and_switch_on_afterwards()
    {
        var power = _given.Arbiter(_given.Device(), FenceAction.Reboot);
        var answer = await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.True(answer.Succeeded, answer.Sentence);
        // A second exclusion waits for the switching on of the first.
        await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.Equal(["off server2", "status server2", "on server2", "off server2", "status server2"], _given.Calls.Take(5));
        Assert.Contains(_given.Notes, note => note.Contains("fence_scripted on", StringComparison.Ordinal));
        await power.DisposeAsync();
    }

    [Fact]
    public async Task Failed_agent_must_be_tried_again_as_often_as_configured()
    {
        await using var power = _given.Arbiter(_given.Device(("fail", "2")), retries: 2);
        Assert.True((await power.ExcludeAsync(FenceGiven.Server2, Never)).Succeeded);
        Assert.Equal(["off server2", "off server2", "off server2", "status server2"], _given.Calls);
    }

    [Fact]
    public async Task Failure_must_name_the_reason_and_hide_the_password()
    {
        await using var power = _given.Arbiter(_given.Device(("fail", "9"), ("password", "geheim42")), retries: 1);
        var answer = await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.False(answer.Succeeded);
        Assert.Equal("fence_scripted off: exit code 1, login with **** was refused: try 2 (2 tries)", answer.Sentence);
    }

    [Fact]
    public async Task Next_level_must_be_tried_when_one_of_the_devices_of_a_level_fails()
    {
        var first = _given.Device(("plug", "supply-a"));
        var broken = _given.Device(("plug", "supply-b"), ("fail", "9"));
        var last = _given.Device(("plug", "hypervisor"));
        await using var power = _given.Arbiter([[first, broken], [last]]);
        var answer = await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.True(answer.Succeeded, answer.Sentence);
        Assert.True(_given.IsOff("hypervisor"));
        Assert.Contains("off supply-a", _given.Calls);
        Assert.Contains("off supply-b", _given.Calls);
    }

    [Fact]
    public async Task Level_must_prove_only_when_all_its_devices_do()
    {
        await using var power = _given.Arbiter([[_given.Device(("plug", "a")), _given.Device(("plug", "b"), ("stuck", "1"))]]);
        Assert.False((await power.ExcludeAsync(FenceGiven.Server2, Never)).Succeeded);
    }

    /// <summary>Both report success and leave the server running.</summary>
    [Theory]
    [InlineData("fence_cuts", "fence_cuts cuts storage or a port and does not stop the server, which keeps its addresses and programs; use an agent of its power supply, management controller or hypervisor")]
    [InlineData("fence_heuristics_ping", "fence_heuristics_ping only sends pings and does not stop the server; use an agent of its power supply, management controller or hypervisor")]
    public async Task Agent_that_does_not_stop_the_server_must_be_refused_and_not_called(string kind, string why)
    {
        await using var power = _given.Arbiter(_given.Device(kind));
        Assert.Equal(new(false, why), await power.ExcludeAsync(FenceGiven.Server2, Never));
        Assert.Equal(new(false, why), await power.CheckAsync(FenceGiven.Server2, Never));
        Assert.Empty(_given.Calls);
    }

    [Fact]
    public async Task Level_that_cannot_tell_that_the_server_is_off_must_be_passed_over()
    {
        await using var alone = _given.Arbiter(_given.Device("fence_blind"));
        var refused = await alone.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.Equal(new(false, "fence_blind without status: nothing would tell that server2 is off; add a device that has it, with order = together"), refused);
        Assert.Equal(refused, await alone.CheckAsync(FenceGiven.Server2, Never));
        Assert.Empty(_given.Calls);

        await using var power = _given.Arbiter([[_given.Device("fence_blind", ("plug", "a"))], [_given.Device(("plug", "b"))]]);
        Assert.True((await power.ExcludeAsync(FenceGiven.Server2, Never)).Succeeded);
        Assert.Equal(["off b", "status b"], _given.Calls);
    }

    [Fact]
    public async Task Agent_without_status_must_do_beside_one_that_has_it()
    {
        await using var power = _given.Arbiter([[_given.Device("fence_blind", ("plug", "a")), _given.Device(("plug", "b"))]]);
        var answer = await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.Equal(new(true, "fence_blind off: done; fence_scripted off: done, status says off"), answer);
        Assert.True(_given.IsOff("a"));
    }

    [Fact]
    public async Task Agent_with_a_wrong_option_must_not_be_called()
    {
        await using var power = _given.Arbiter(_given.Device(("adress", "10.0.0.1")));
        var answer = await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.Equal(new(false, "fence_scripted has no option adress; fence_scripted -o metadata lists them"), answer);
        Assert.Empty(_given.Calls);
    }

    [Fact]
    public async Task Late_agent_must_be_killed_with_everything_it_started()
    {
        await using var power = _given.Arbiter(_given.Device(("hang", "1")), timeout: TimeSpan.FromSeconds(2));
        var answer = await power.ExcludeAsync(FenceGiven.Server2, Never);
        Assert.False(answer.Succeeded);
        Assert.Contains("no end within 2 s, killed", answer.Sentence, StringComparison.Ordinal);
        var helper = File.ReadAllText(Path.Combine(_given.Folder, "helper")).Trim();
        Assert.False(IsAlive(helper), $"helper {helper} of the agent still runs");
        Assert.False(_given.IsOff("server2"));
    }

    /// <summary>It could still switch something, so nothing is proven; and the next call must not wait for it.</summary>
    [Fact]
    public async Task Helper_that_cannot_be_found_must_end_the_call_and_prove_nothing()
    {
        await using var power = _given.Arbiter(_given.Device(("leave", "1")));
        var exclusion = power.ExcludeAsync(FenceGiven.Server2, Never);
        await Task.WhenAny(exclusion, Task.Delay(TimeSpan.FromSeconds(25), TimeProvider.System, Never));
        using (var helper = Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(_given.Folder, "helper")), CultureInfo.InvariantCulture)))
            helper.Kill();
        Assert.Equal(new(false, "fence_scripted off: its processes could not all be killed: helper left"), await exclusion);
    }

    [Fact]
    public async Task Check_must_change_nothing()
    {
        await using var power = _given.Arbiter(_given.Device());
        var answer = await power.CheckAsync(FenceGiven.Server2, Never);
        Assert.True(answer.Succeeded, answer.Sentence);
        Assert.Equal(["status server2"], _given.Calls);
    }

    [Fact]
    public async Task Check_must_fail_while_the_device_does_not_answer_and_recover_with_it()
    {
        await using var power = _given.Arbiter(_given.Device());
        _given.MakeUnreachable();
        Assert.False((await power.CheckAsync(FenceGiven.Server2, Never)).Succeeded);
        _given.MakeReachable();
        Assert.True((await power.CheckAsync(FenceGiven.Server2, Never)).Succeeded);
    }

    [Fact]
    public async Task Missing_agent_must_be_named()
    {
        await using var power = _given.Arbiter(new FenceDevice("fence_nobody_has", new Dictionary<string, string>(), FenceGiven.Nobody));
        Assert.Equal("fence_nobody_has is not installed on server1", (await power.CheckAsync(FenceGiven.Server2, Never)).Sentence);
        Assert.False((await power.ExcludeAsync(FenceGiven.Server2, Never)).Succeeded);
    }

    [Fact]
    public async Task Options_of_a_server_must_win_and_servers_that_are_not_named_are_not_covered()
    {
        var perServer = new Dictionary<ServerName, IReadOnlyDictionary<string, string>>
        {
            [FenceGiven.Server2] = new Dictionary<string, string> { ["plug"] = "outlet-7" },
        };
        await using var power = _given.Arbiter(_given.Device(("plug", "outlet-1")) with { PerServer = perServer });
        Assert.True((await power.ExcludeAsync(FenceGiven.Server2, Never)).Succeeded);
        Assert.True(_given.IsOff("outlet-7"));
        Assert.True(power.Covers(FenceGiven.Server2));
        Assert.False(power.Covers(FenceGiven.Server1));
        Assert.Equal("nothing is configured for server1", (await power.ExcludeAsync(FenceGiven.Server1, Never)).Sentence);
    }

    [Fact]
    public async Task Script_of_the_site_must_be_told_by_environment_and_never_asked_for_metadata()
    {
        var script = new FenceDevice(FenceGiven.Agent("site-script"), new Dictionary<string, string> { ["state_dir"] = _given.Folder }, FenceGiven.Nobody);
        await using var power = _given.Arbiter(script);
        Assert.True((await power.CheckAsync(FenceGiven.Server2, Never)).Succeeded);
        Assert.True((await power.ExcludeAsync(FenceGiven.Server2, Never)).Succeeded);
        Assert.Equal(["status server2 server1", "off server2 server1", "status server2 server1"], _given.Calls);
    }

    [Fact]
    public async Task Request_to_stop_must_end_a_running_agent()
    {
        await using var power = _given.Arbiter(_given.Device(("hang", "1")));
        using var stop = new CancellationTokenSource();
        var exclusion = power.ExcludeAsync(FenceGiven.Server2, stop.Token);
        while (!File.Exists(Path.Combine(_given.Folder, "helper")))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Never);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => exclusion);
        Assert.Equal(["off server2"], _given.Calls);
    }

    [Fact]
    public async Task Request_to_stop_must_keep_the_next_try_from_beginning()
    {
        await using var power = _given.Arbiter(_given.Device());
        await power.CheckAsync(FenceGiven.Server2, Never);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => power.ExcludeAsync(FenceGiven.Server2, new CancellationToken(true)));
        Assert.Equal(["status server2"], _given.Calls);
    }

    private static bool IsAlive(string process)
    {
        var status = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status");
        // A zombie that nobody has waited for yet does nothing any more.
        return File.Exists(status) && !File.ReadAllText(status).Contains("State:\tZ", StringComparison.Ordinal);
    }
}
