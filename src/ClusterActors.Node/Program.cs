using ClusterActors.Configuration;
using ClusterActors.Control.Identity;
using ClusterActors.Hocon;
using ClusterActors.Model;
using ClusterActors.Node.Composition;
using ClusterActors.Persistence;
using ClusterActors.Resources;
using Serilog;

// Exit codes are read by the guardian's log and by systemd (sysexits.h).
const int BadConfiguration = 78;
const int NoIdentity = 77;
const int NoJournal = 74;

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
    var chosen = ConfigurationInForce.Choose(
        paths, identity.ClusterId, new DiskConfigFiles(), ClusterConfigOptions.For([.. ResourceTypes.All], identity.ServerName), problem => logger.Error("{Problem}", problem));
    foreach (var problem in chosen.Problems)
    {
        logger.Error("{Problem}", problem.ToString());
        Console.Error.WriteLine(problem.ToString());
    }

    if (chosen.Config is not { } config)
        return BadConfiguration;
    if (chosen.Kept is { } kept)
        logger.Error("{Kept}", kept);
    try
    {
        await new Daemon(paths, config, new ServerName(identity.ServerName), identity, logger).RunAsync(args, chosen.Kept).ConfigureAwait(false);
        return 0;
    }
    catch (JournalException e)
    {
        logger.Error("{Problem}", e.Message);
        Console.Error.WriteLine(e.Message);
        return NoJournal;
    }
}
