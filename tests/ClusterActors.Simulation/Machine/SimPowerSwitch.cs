using ClusterActors.Model.Arbiters;
using ClusterActors.Simulation.Time;

namespace ClusterActors.Simulation.Machine;

/// <summary>
/// What all servers get their power from, asked over a network of its own. Who was switched off is switched on again later, by the switch at once or by
/// a person. It fails, is slow, is not reached from one server, or does what it is told while its answers are lost.
/// </summary>
internal sealed class SimPowerSwitch(World world)
{
    private readonly Chance _chance = world.ChanceFor("power switch");

    /// <summary>It says no to everything.</summary>
    public bool Fails { get; set; }

    public bool LosesAnswers { get; set; }

    public TimeSpan ExtraDelay { get; set; }

    /// <summary>Servers that do not reach it, each as often as it is cut.</summary>
    public List<int> CutFrom { get; } = [];

    private TimeSpan Way => _chance.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(60));

    public void Clear()
    {
        (Fails, LosesAnswers, ExtraDelay) = (false, false, TimeSpan.Zero);
        CutFrom.Clear();
    }

    /// <param name="off">Switch off; else only say whether that would work.</param>
    /// <param name="answer">Perhaps never called.</param>
    public void Ask(SimMachine from, SimMachine target, bool off, Action<ProofAnswer> answer)
    {
        if (CutFrom.Contains(from.Index))
            return;
        world.After(Way + ExtraDelay, () =>
        {
            ProofAnswer said = Fails ? new ProofAnswer(false, "the switch reports an error") : new ProofAnswer(true, off ? "switched off" : target.IsPowered ? "on" : "off");
            if (off && !Fails)
                SwitchOff(from, target);
            if (!LosesAnswers && !CutFrom.Contains(from.Index))
                world.After(Way, () => answer(said));
        });
    }

    private void SwitchOff(SimMachine from, SimMachine target)
    {
        world.Note($"{target.Name}: switched off for {from.Name}");
        if (!target.IsPowered)
            return;
        target.PowerOff();
        double scale = Math.Max(1, world.Options.Scale);
        TimeSpan until = _chance.Happens(0.5)
            ? _chance.Between(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(3))
            : _chance.Between(TimeSpan.FromSeconds(10) * scale, TimeSpan.FromSeconds(60) * scale);
        world.After(until, target.PowerOn);
    }
}
