using System.Text.Json;

namespace ClusterActors.Bench.Probing;

/// <summary>What a probe client saw. All instants are CLOCK_MONOTONIC nanoseconds.</summary>
/// <param name="Sent">Probes sent.</param>
/// <param name="Answered">Probes answered.</param>
/// <param name="Lost">Runs of probes sent one after the other of which none was answered.</param>
/// <param name="Gaps">Longest times between two answers that arrived one after the other, longest first (at most 20).</param>
/// <param name="Owners">Who answered, in order: a new entry each time the answering server changes.</param>
/// <param name="AnsweredByTwo">Probes that two servers answered; more than 0 means two owners at once.</param>
/// <param name="WorstLateness">By how many ms the client itself sent a probe late: gaps below that are its own.</param>
internal sealed record ProbeReport(
    int Sent, int Answered, IReadOnlyList<LostRun> Lost, IReadOnlyList<AnswerGap> Gaps, IReadOnlyList<OwnerSpan> Owners, int AnsweredByTwo, double WorstLateness)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public int LostCount => Lost.Sum(run => run.Count);

    public static ProbeReport Of(ProbeLog log, int answeredByTwo, double worstLateness)
    {
        var answers = Enumerable.Range(0, log.Sent).Where(sequence => log.AnsweredBy(sequence) is not null)
            .Select(sequence => (At: log.AnsweredAt(sequence), By: log.AnsweredBy(sequence)!)).OrderBy(answer => answer.At).ToArray();
        var gaps = answers.Zip(answers.Skip(1), (earlier, later) => new AnswerGap(earlier.At, later.At, Clock.ToMilliseconds(later.At - earlier.At)))
            .OrderByDescending(gap => gap.Milliseconds).Take(20).ToArray();
        return new ProbeReport(log.Sent, answers.Length, LostRuns(log), gaps, Spans(answers), answeredByTwo, worstLateness);
    }

    /// <summary>First answer that arrived after an instant, from a server other than <paramref name="except"/>; null when none did.</summary>
    public long? FirstAnswerAfter(long instant, string except) =>
        Owners.Where(span => span.Server != except && span.LastAt >= instant).Select(span => (long?)Math.Max(span.FirstAt, instant)).FirstOrDefault();

    /// <summary>The same with other names of the answering servers.</summary>
    public ProbeReport Named(Func<string, string> nameOf) => this with { Owners = [.. Owners.Select(span => span with { Server = nameOf(span.Server) })] };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static ProbeReport Parse(string json) =>
        JsonSerializer.Deserialize<ProbeReport>(json, Json) ?? throw new BenchFailedException("the probe client wrote an empty report");

    private static List<LostRun> LostRuns(ProbeLog log)
    {
        var runs = new List<LostRun>();
        for (var sequence = 0; sequence < log.Sent; sequence++)
        {
            if (log.AnsweredBy(sequence) is not null)
                continue;
            var first = sequence;
            while (sequence + 1 < log.Sent && log.AnsweredBy(sequence + 1) is null)
                sequence++;
            runs.Add(new LostRun(log.SentAt(first), log.SentAt(sequence), sequence - first + 1));
        }

        return runs;
    }

    private static List<OwnerSpan> Spans((long At, string By)[] answers)
    {
        var spans = new List<OwnerSpan>();
        foreach (var (at, by) in answers)
        {
            if (spans.Count > 0 && spans[^1].Server == by)
                spans[^1] = spans[^1] with { LastAt = at, Answers = spans[^1].Answers + 1 };
            else
                spans.Add(new OwnerSpan(by, at, at, 1));
        }

        return spans;
    }
}

/// <summary>Probes sent in <paramref name="FirstSentAt"/>..<paramref name="LastSentAt"/> that nobody answered.</summary>
internal sealed record LostRun(long FirstSentAt, long LastSentAt, int Count);

/// <summary>Time without an answer.</summary>
internal sealed record AnswerGap(long From, long To, double Milliseconds);

/// <summary>A stretch in which one server gave all answers.</summary>
internal sealed record OwnerSpan(string Server, long FirstAt, long LastAt, int Answers);
