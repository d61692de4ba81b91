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
    var loaded = ClusterConfigLoader.Load(paths.ClusterConf, new DiskConfigFiles(), ClusterConfigOptions.For([.. ResourceTypes.All], identity.ServerName));
    if (loaded.Config is not { } config)
    {
        foreach (var problem in loaded.Problems)
        {
            logger.Error("{Problem}", problem.ToString());
            Console.Error.WriteLine(problem.ToString());
        }

        return BadConfiguration;
    }

    try
    {
        await new Daemon(paths, config, new ServerName(identity.ServerName), identity, logger).RunAsync(args).ConfigureAwait(false);
        return 0;
    }
    catch (JournalException e)
    {
        logger.Error("{Problem}", e.Message);
        Console.Error.WriteLine(e.Message);
        return NoJournal;
    }
}
