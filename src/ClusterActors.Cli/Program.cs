using ClusterActors.Cli;

var arguments = CallName.Expand(CallName.OfThisProcess(), args);
return (int)(CommandRunner.RunAtOnce(arguments, CliHost.ForOneAnswer()) ?? await CommandRunner.RunAsync(arguments, CliHost.OfThisProcess()));
