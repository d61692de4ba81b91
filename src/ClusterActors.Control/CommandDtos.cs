namespace ClusterActors.Control;

/// <summary>Asked with every changing call.</summary>
/// <param name="WaitSeconds">How long the caller waits for completion; 0 returns at once with the operation id.</param>
/// <param name="Reason">Goes into the audit record.</param>
public sealed record CommandOptions(double WaitSeconds, bool DryRun, string? Reason);

public sealed record GroupCommand(string? Server, CommandOptions Options);

/// <summary>Body of <c>fence test</c>.</summary>
/// <param name="Really">Switch the server off; else only ask for its state.</param>
public sealed record FenceTestCommand(bool Really, CommandOptions Options);

/// <param name="All">Every server of the cluster; otherwise the answering one.</param>
public sealed record ClusterCommand(bool All, CommandOptions Options);

/// <summary>One line per server or group, in the form of the manuals: <c>Start server1 : Command succeeded.</c></summary>
public sealed record CommandLineResult(string Subject, bool Succeeded, string Message);

/// <param name="Code">Of the exit table.</param>
/// <param name="Because">For refusals and dry runs: the rule or the plan in sentences.</param>
public sealed record CommandReply(ExitCode Code, string Message, string? OperationId, IReadOnlyList<CommandLineResult> Lines, IReadOnlyList<string> Because);

/// <summary>A sentence per fact: where a group runs and why, which servers were excluded by which rule, what would unblock it.</summary>
public sealed record GroupExplanation(string Group, string Summary, IReadOnlyList<string> Facts, IReadOnlyList<EventDto> Events);

/// <param name="Sequence">Grows by one with each event of the answering server's journal.</param>
/// <param name="Time">ISO 8601 with zone, of the server that raised it.</param>
public sealed record EventDto(
    long Sequence,
    string Time,
    string Server,
    string Module,
    int Id,
    string Level,
    string Text,
    string Term,
    string? CauseId,
    string EventId,
    IReadOnlyDictionary<string, string> Parameters);

public sealed record EventPage(IReadOnlyList<EventDto> Events, long Last);

/// <summary>One check of <c>clp cluster check</c>: a port or network, tried from one server towards another.</summary>
public sealed record CheckResult(string From, string To, string What, bool Succeeded, string Sentence);

public sealed record CheckReport(IReadOnlyList<CheckResult> Results);

public sealed record ApiError(ExitCode Code, string Message);
