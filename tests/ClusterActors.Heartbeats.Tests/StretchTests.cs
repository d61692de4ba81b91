using ClusterActors.Model.Guardian;

namespace ClusterActors.Heartbeats.Tests;

/// <summary>Timeouts that are stretched and shortened while one side changes first (clptoratio).</summary>
public sealed class StretchTests : IDisposable
{
    private const long Grant = 1970;
    private readonly EngineLab _lab = new EngineLab().Formed();

    [Fact]
    public void Grant_must_stay_short_when_only_its_own_side_has_the_ratio()
    {
        Stretch(0, 10);
        _lab.Run(1000);

        Assert.Equal(Grant * EngineLab.Ms, _lab[0].Engine.GrantLength);
    }

    [Fact]
    public void Grant_must_grow_when_both_sides_have_the_ratio_and_shrink_when_one_is_silent()
    {
        Stretch(1, 10);
        _lab.Run(1000);
        Assert.Equal(Grant * EngineLab.Ms, _lab[0].Engine.GrantLength);
        Stretch(0, 10);
        _lab.Run(1000);
        Assert.Equal(10 * Grant * EngineLab.Ms, _lab[0].Engine.GrantLength);

        _lab.Cut();
        _lab.Run(2400);
        Assert.Equal(Grant * EngineLab.Ms, _lab[0].Engine.GrantLength);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Taker_must_wait_for_the_longest_grant_when_the_owner_freezes_at_any_step_of_raising_and_lowering(int first)
    {
        // The owner is server 1; each run freezes it at another instant of the change.
        for (long freezeAfter = 0; freezeAfter <= 1400; freezeAfter += 33)
        {
            foreach (bool raising in new[] { true, false })
            {
                using var lab = new EngineLab(timeoutMs: 2000, grantMs: Grant).Formed();
                if (!raising)
                {
                    Change(lab, 0, 5);
                    Change(lab, 1, 5);
                    lab.Run(1000);
                    Assert.Equal(5 * Grant * EngineLab.Ms, lab[0].Engine.GrantLength);
                }

                Change(lab, first, raising ? 5 : 1);
                lab.Run(Math.Min(freezeAfter, 450));
                Change(lab, 1 - first, raising ? 5 : 1);
                lab.Run(Math.Max(0, freezeAfter - 450));
                long armedUntil = lab[0].Engine.GrantDeadline;
                lab[0].Freeze();

                long taken = UntilTaken(lab);
                Assert.True(taken > armedUntil, $"raising {raising}, server {first + 1} first, frozen after {freezeAfter} ms: taken over {(armedUntil - taken) / EngineLab.Ms} ms before the grant ended");
            }
        }
    }

    [Fact]
    public void Taker_must_be_as_fast_as_before_when_the_stretch_is_over_on_both_sides()
    {
        foreach (int ratio in new[] { 100, 1 })
        {
            Stretch(0, ratio);
            Stretch(1, ratio);
            _lab.Run(1500);
        }

        long frozen = _lab.Now;
        _lab[0].Freeze();

        Assert.InRange((UntilTaken(_lab) - frozen) / EngineLab.Ms, 1700, 2200);
    }

    [Fact]
    public void Owner_that_stalls_between_its_beats_and_its_deadline_must_be_waited_for_when_the_vow_was_lowered()
    {
        // Server 1 sends the first beat that shows the lower V and stands still before it moves its deadline: the one armed before holds.
        Stretch(0, 5);
        Stretch(1, 5);
        _lab.Run(1000);
        long armedUntil = _lab[0].Engine.GrantDeadline;
        Stretch(1, 1);
        _lab[1].Pass();
        _lab.Run(5);
        _lab[0].Pass();
        _lab[0].Freeze();

        Assert.True(UntilTaken(_lab) > armedUntil);
    }

    public void Dispose() => _lab.Dispose();

    private void Stretch(int server, int ratio) => Change(_lab, server, ratio);

    private static void Change(EngineLab lab, int server, int ratio)
    {
        GuardianSettings settings = lab[server].Settings with { Ratio = ratio };
        lab[server].Settings = settings;
        lab[server].Engine.Apply(settings);
    }

    /// <summary>Server 2 takes over as soon as its engine allows; the instant of that.</summary>
    private static long UntilTaken(EngineLab lab)
    {
        for (int tries = 0; tries < 30_000; tries++)
        {
            if (lab[1].Raise(1))
                return lab.Now;
            lab.Run(10);
        }

        throw new InvalidOperationException($"server 2 never took over: {lab[1].LastRefusal}");
    }
}
