using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Control;

/// <summary>How programs and addresses are ended: in the order of the stop plan where there is time for it, or all at once.</summary>
internal sealed partial class GuardianCore
{
    /// <summary>For the whole order: what is left then, as behind a program that hangs in the kernel, is ended at once.</summary>
    private static readonly TimeSpan OrderLimit = TimeSpan.FromSeconds(1);

    private IReadOnlyList<StopStep> _stopPlan = [];
    private Action? _orderIsOver;

    /// <summary>One after the other as the stop plan says, then what it does not name. An end of the grant ends the order, too.</summary>
    private void EndInOrder(Action<KillOutcome> done)
    {
        bool isOver = false;
        void EndRest()
        {
            if (isOver)
                return;
            isOver = true;
            _orderIsOver = null;
            EndAll(done);
        }

        _orderIsOver = EndRest;
        After(OrderLimit, EndRest);
        EndStep([.. _stopPlan.Where(Runs)], 0, () => isOver, EndRest);
    }

    private void EndStep(IReadOnlyList<StopStep> steps, int index, Func<bool> isOver, Action endRest)
    {
        if (isOver())
            return;
        if (index == steps.Count)
        {
            endRest();
            return;
        }

        // Whether it has ended is judged at the end, over everything.
        StopStep step = steps[index];
        void Next() => EndStep(steps, index + 1, isOver, endRest);
        if (HasAddress(step))
            _addresses.Remove(step.Group, step.Resource, _ => Next());
        else
            _programs.Kill(step.Group, step.Resource, KillLimit, _ => Next());
    }

    private bool Runs(StopStep step) => HasAddress(step) || _programs.Programs().Any(p => p.Group == step.Group && p.Resource == step.Resource);

    private bool HasAddress(StopStep step) => _addresses.Entries().Any(a => a.Group == step.Group && a.Resource == step.Resource);

    private void EndAll(Action<KillOutcome> done)
    {
        KillOutcome? programs = null;
        KillOutcome? addresses = null;
        _programs.KillAll(KillLimit, outcome =>
        {
            programs = outcome;
            Finish();
        });
        _addresses.RemoveAll(outcome =>
        {
            addresses = outcome;
            Finish();
        });

        void Finish()
        {
            if (programs is null || addresses is null)
                return;
            bool empty = programs.Empty && addresses.Empty;
            done(new KillOutcome(empty, empty ? "" : $"{programs.Sentence}; {addresses.Sentence}"));
        }
    }
}
