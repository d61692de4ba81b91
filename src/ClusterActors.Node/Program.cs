using ClusterActors.Configuration;
using ClusterActors.Control.Identity;
using ClusterActors.Hocon;
using ClusterActors.Model;
using ClusterActors.Model.Events;
using ClusterActors.Node.Composition;
using ClusterActors.Node.Events;
using ClusterActors.Persistence;
using ClusterActors.Resources;
using Serilog;

// Exit codes are read by the guardian's log and by systemd (sysexits.h).
const int BadConfiguration = 78;
const int NoIdentity = 77;
const int NoJournal = 74;
const int Fatal = 70;
const int RunsAlready = 75;

var paths = NodePaths.FromEnvironment();
paths.CreateFolders();
await using var logger = new LoggerConfiguration()
    .MinimumLevel.Information()
    .WriteTo.Async(sink => sink.File(paths.DaemonLog, fileSizeLimitBytes: 8 << 20, rollOnFileSizeLimit: true, retainedFileCountLimit: 4), bufferSize: 10_000)
    .CreateLogger();

ClusterIdentity identity;
try
{
    identity = ClusterIdentity.Load(paths.Root);
}
catch (IdentityException e)
{
    logger.Error("{Problem}", e.Message);
    Console.Error.WriteLine(e.Message);
    return NoIdentity;
}

using (identity)
{
    using var syslog = new SyslogEventSink("/dev/log");
    var self = new ServerName(identity.ServerName);
    var events = new DirectEvents(self, TimeProvider.System, [new JsonLinesEventSink(paths.EventLog, logger.Warning), syslog]);
    var options = ClusterConfigOptions.For([.. ResourceTypes.All], identity.ServerName);
    if (!await DaemonTurn.TakeAsync(paths.DaemonLock, DaemonTurn.IsStartedAhead, TimeProvider.System).ConfigureAwait(false))
    {
        const string problem = "a node daemon runs on this server already (clpstat shows it); this one ends";
        logger.Error("{Problem}", problem);
        Console.Error.WriteLine(problem);
        events.Tell(PmEvents.DaemonAlreadyRunning());
        return RunsAlready;
    }

    var chosen = ConfigurationInForce.Choose(paths, identity.ClusterId, new DiskConfigFiles(), options, problem => logger.Error("{Problem}", problem));
    foreach (var problem in chosen.Problems)
    {
        logger.Error("{Problem}", problem.ToString());
        Console.Error.WriteLine(problem.ToString());
    }

    if (chosen.Config is not { } config)
    {
        events.Tell(StartFailures.Of(chosen));
        return BadConfiguration;
    }

    if (chosen.Kept is { } kept)
        logger.Error("{Kept}", kept);
    try
    {
        if (await new Daemon(paths, config, self, identity, logger).RunAsync(args, chosen.Kept).ConfigureAwait(false))
            return 0;
        logger.Error("an actor that all others rely on has failed; the daemon ends");
        events.Tell(PmEvents.DaemonFatal());
        return Fatal;
    }
    catch (JournalException e)
    {
        logger.Error("{Problem}", e.Message);
        Console.Error.WriteLine(e.Message);
        events.Tell(PmEvents.DaemonFatal());
        return NoJournal;
    }
    catch (Exception)
    {
        events.Tell(PmEvents.DaemonFatal());
        throw;
    }
}
