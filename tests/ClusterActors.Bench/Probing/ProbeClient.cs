using ClusterActors.Linux.Realtime;

namespace ClusterActors.Bench.Probing;

/// <summary>Sends a probe each interval, whether or not answers come, and notes every answer with its own time stamps.</summary>
internal sealed class ProbeClient(IProbeTransport transport, TimeSpan interval, TimeSpan limit)
{
    private static readonly TimeSpan LastAnswers = TimeSpan.FromMilliseconds(300);

    private readonly ProbeLog _log = new((int)Math.Min(20_000_000, limit / interval + 1));
    private volatile bool _sendingEnded;
    private int _answeredByTwo;
    private double _worstLateness;

    /// <summary>Called on the receiving thread when the answering server is another than before (also for the first answer).</summary>
    public Action<string, long> OwnerChanged { get; init; } = static (_, _) => { };

    /// <summary>Probes until the limit or the token, then waits a moment for the last answers.</summary>
    public ProbeReport Run(CancellationToken stop)
    {
        var receiver = new Thread(ReceiveAll) { IsBackground = true, Name = "probe answers" };
        receiver.Start();
        SendAll(stop);
        Clock.SleepUntil(Clock.Nanoseconds + (long)LastAnswers.TotalNanoseconds);
        _sendingEnded = true;
        receiver.Join();
        // The report of a long watch takes seconds of processor time. With the real-time priority of the probes, several of them would use up what the kernel allows
        // real-time threads in a second (sched_rt_runtime_us), and it would then hold up the guardians too, for 50 ms.
        if (Scheduling.TrySetProcess(SchedulingPolicy.Other, 0) is not 0 and var error)
            throw new InvalidOperationException($"the ordinary scheduling class was refused (errno {error})");
        return ProbeReport.Of(_log, _answeredByTwo, _worstLateness);
    }

    private void SendAll(CancellationToken stop)
    {
        var step = (long)interval.TotalNanoseconds;
        var next = Clock.Nanoseconds + step;
        var end = next + (long)limit.TotalNanoseconds;
        while (!stop.IsCancellationRequested && !_log.IsFull && next < end)
        {
            Clock.SleepUntil(next);
            var now = Clock.Nanoseconds;
            _worstLateness = Math.Max(_worstLateness, Clock.ToMilliseconds(now - next));
            transport.Send(_log.NoteSent(now));
            // After an own stall probing goes on from now: a burst of overdue probes would say nothing about the address.
            next = Math.Max(next + step, now);
        }
    }

    private void ReceiveAll()
    {
        var owner = "";
        while (!_sendingEnded)
        {
            if (!transport.Receive(out var sequence, out var server))
                continue;
            var at = Clock.Nanoseconds;
            switch (_log.NoteAnswer(sequence, server, at))
            {
                case ProbeAnswer.BySecondServer:
                    _answeredByTwo++;
                    break;
                case ProbeAnswer.First when server != owner:
                    owner = server;
                    OwnerChanged(server, at);
                    break;
            }
        }
    }
}
