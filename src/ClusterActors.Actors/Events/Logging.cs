using System.Globalization;
using System.Text;

namespace ClusterActors.Actors;

/// <summary>How bad it is.</summary>
public enum LogLevel
{
    /// <summary>Decisions.</summary>
    Debug,

    /// <summary>State changes an operator would retell.</summary>
    Info,

    /// <summary>Something is not as it should be; the system copes.</summary>
    Warning,

    /// <summary>Something failed.</summary>
    Error,
}

/// <summary>One log line before formatting.</summary>
/// <param name="Timestamp">From the system's clock.</param>
/// <param name="Level">How bad it is.</param>
/// <param name="Source">Path of the actor, or the part of the kernel.</param>
/// <param name="Template">Text with <c>{Name}</c> fields.</param>
/// <param name="Args">One value per field, in order.</param>
/// <param name="Cause">The exception, if any.</param>
public sealed record LogEvent(
    DateTimeOffset Timestamp, LogLevel Level, string Source, string Template, IReadOnlyList<object?> Args, Exception? Cause)
{
    /// <summary>The text with the fields filled in. Never throws: a field without value stays as it is.</summary>
    public string Message
    {
        get
        {
            if (Args.Count == 0) return Template;
            var text = new StringBuilder(Template.Length + 32);
            var argument = 0;
            for (var i = 0; i < Template.Length; i++)
            {
                var end = Template[i] == '{' ? Template.IndexOf('}', i) : -1;
                if (end < 0 || argument >= Args.Count)
                {
                    text.Append(Template[i]);
                    continue;
                }
                text.Append(CultureInfo.InvariantCulture, $"{Args[argument++]}");
                i = end;
            }
            return text.ToString();
        }
    }
}

/// <summary>Port to whatever keeps the log. Called on actors' threads: must not block and must not throw.</summary>
public interface ILogSink
{
    /// <summary>Asked before an event is made.</summary>
    bool IsEnabled(LogLevel level);

    /// <summary>Takes one event.</summary>
    void Write(LogEvent logEvent);
}

/// <summary>What actors log through; formatting happens only if a sink wants it.</summary>
public interface ILoggingAdapter
{
    /// <summary>Looked at before costly arguments are made.</summary>
    bool IsEnabled(LogLevel level);

    /// <summary>Writes one line.</summary>
    void Log(LogLevel level, Exception? cause, string template, params object?[] args);
}

/// <summary>Akka's names on <see cref="ILoggingAdapter"/>.</summary>
public static class LoggingExtensions
{
    /// <summary>The log of this actor.</summary>
    public static ILoggingAdapter GetLogger(this IActorContext context) => context.System.LogFor(context.Self.Path);

    /// <summary>Decisions.</summary>
    public static void Debug(this ILoggingAdapter log, string template, params object?[] args) => log.Log(LogLevel.Debug, null, template, args);

    /// <summary>State changes.</summary>
    public static void Info(this ILoggingAdapter log, string template, params object?[] args) => log.Log(LogLevel.Info, null, template, args);

    /// <summary>Not as it should be.</summary>
    public static void Warning(this ILoggingAdapter log, string template, params object?[] args) => log.Log(LogLevel.Warning, null, template, args);

    /// <summary>Not as it should be, with the cause.</summary>
    public static void Warning(this ILoggingAdapter log, Exception? cause, string template, params object?[] args) =>
        log.Log(LogLevel.Warning, cause, template, args);

    /// <summary>Failed.</summary>
    public static void Error(this ILoggingAdapter log, string template, params object?[] args) => log.Log(LogLevel.Error, null, template, args);

    /// <summary>Failed, with the cause.</summary>
    public static void Error(this ILoggingAdapter log, Exception? cause, string template, params object?[] args) =>
        log.Log(LogLevel.Error, cause, template, args);
}

/// <summary>Writes warnings and errors to standard error: what a program gets that configures nothing.</summary>
public sealed class StandardErrorSink : ILogSink
{
    /// <summary>The one instance.</summary>
    public static StandardErrorSink Instance { get; } = new();

    private StandardErrorSink() { }

    /// <inheritdoc />
    public bool IsEnabled(LogLevel level) => level >= LogLevel.Warning;

    /// <inheritdoc />
    public void Write(LogEvent logEvent)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        var cause = logEvent.Cause is null ? string.Empty : $" ({logEvent.Cause.GetType().Name}: {logEvent.Cause.Message})";
        Console.Error.WriteLine($"{logEvent.Timestamp:O} {logEvent.Level} {logEvent.Source}: {logEvent.Message}{cause}");
    }
}

/// <summary>Passes events to the configured sink and to those that tests add.</summary>
internal sealed class LogBus(TimeProvider time, ILogSink first)
{
    private readonly Lock _lock = new();
    private volatile ILogSink[] _sinks = [first];

    public void Add(ILogSink sink)
    {
        lock (_lock) _sinks = [.. _sinks, sink];
    }

    public void Remove(ILogSink sink)
    {
        lock (_lock) _sinks = Array.FindAll(_sinks, present => !ReferenceEquals(present, sink));
    }

    public bool IsEnabled(LogLevel level)
    {
        foreach (var sink in _sinks)
        {
            if (sink.IsEnabled(level)) return true;
        }
        return false;
    }

    public void Write(LogLevel level, string source, Exception? cause, string template, object?[] args)
    {
        if (!IsEnabled(level)) return;
        var logEvent = new LogEvent(time.GetUtcNow(), level, source, template, args, cause);
        foreach (var sink in _sinks)
        {
            if (sink.IsEnabled(level)) sink.Write(logEvent);
        }
    }
}

internal sealed class PathLog(LogBus bus, ActorPath source) : ILoggingAdapter
{
    public bool IsEnabled(LogLevel level) => bus.IsEnabled(level);

    public void Log(LogLevel level, Exception? cause, string template, params object?[] args)
    {
        if (bus.IsEnabled(level)) bus.Write(level, source.ToString(), cause, template, args);
    }
}
