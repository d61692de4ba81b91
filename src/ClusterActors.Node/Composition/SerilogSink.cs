using ClusterActors.Actors;
using Serilog;
using Serilog.Events;
using LogEvent = ClusterActors.Actors.LogEvent;

namespace ClusterActors.Node.Composition;

/// <summary>The actors' log into the daemon's log file.</summary>
internal sealed class SerilogSink(ILogger logger) : ILogSink
{
    public bool IsEnabled(LogLevel level) => logger.IsEnabled(Map(level));

    public void Write(LogEvent logEvent) => logger.Write(Map(logEvent.Level), logEvent.Cause, "{Source}: {Text}", logEvent.Source, logEvent.Message);

    private static LogEventLevel Map(LogLevel level) => level switch
    {
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Info => LogEventLevel.Information,
        LogLevel.Warning => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };
}
