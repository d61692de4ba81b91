namespace ClusterActors.Actors;

/// <summary>State of one mailbox at a moment.</summary>
/// <param name="Path">The actor.</param>
/// <param name="Length">User messages waiting.</param>
/// <param name="OldestAtLeast">The oldest of them waits at least that long, as seen by this and earlier samples; zero at first sight.</param>
public sealed record MailboxSample(ActorPath Path, long Length, TimeSpan OldestAtLeast);

/// <summary>Looks into all mailboxes of a system (D9). Costs the actors nothing; call it once a second or so, from one place.</summary>
public static class MailboxMetrics
{
    /// <summary>All actors with waiting messages, longest queue first.</summary>
    public static IReadOnlyList<MailboxSample> SampleMailboxes(this ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        var samples = new List<MailboxSample>();
        Collect(system.Provider.RootGuardian, system.Time, samples);
        samples.Sort(static (a, b) => b.Length.CompareTo(a.Length));
        return samples;
    }

    private static void Collect(LocalActorRef actor, TimeProvider time, List<MailboxSample> samples)
    {
        var mailbox = actor.Cell.Mailbox;
        // Sampled also when empty, so that the next sample knows since when something waits.
        var age = mailbox.OldestAtLeast(time);
        if (mailbox.Length > 0) samples.Add(new MailboxSample(actor.Path, mailbox.Length, age));
        foreach (var child in actor.Cell.GetChildren()) Collect((LocalActorRef)child, time, samples);
    }
}
