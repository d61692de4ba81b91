using ClusterActors.Guardian.Control;
using ClusterActors.Heartbeats.Engine;
using ClusterActors.Model.Guardian;

namespace ClusterActors.Guardian.Storage;

/// <summary>The guardian's files, written by the disk worker; outcomes come back through the control queue.</summary>
internal sealed class WorkerDisk(GuardianStore store, Worker worker, ControlQueue queue) : IGuardianDisk
{
    public GuardianState State => store.State;

    public GuardianSettings? Settings => store.Settings;

    public IReadOnlyList<string> Findings => store.Findings;

    public TimeSpan Settle(GuardianSettings settings) => store.Settle(settings);

    public void StoreTerm(StoredTerm term, Action<string?> done) => OnDisk(() => store.StoreTerm(term), done);

    public void StoreCounter(uint counter, Action<string?> done) => OnDisk(() => store.StoreCounter(counter), done);

    public void StoreVotes(VotingRecord votes, Action<string?> done) => OnDisk(() => store.StoreVotes(votes), done);

    public void StoreSettings(GuardianSettings settings, Action<string?> done) => OnDisk(() => store.StoreSettings(settings), done);

    public void ForgetOldVows(Action<string?> done) => OnDisk(store.ForgetOldVows, done);

    private void OnDisk(Action work, Action<string?> done)
    {
        bool queued = worker.TryPost(() =>
        {
            string? failure = null;
            try
            {
                work();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or GuardianFormatException)
            {
                failure = e.Message;
            }

            queue.Post(() => done(failure));
        });
        if (!queued)
            done("the disk has taken nothing for too long; it hangs");
    }
}
