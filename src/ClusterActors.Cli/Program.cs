using ClusterActors.Cli;

return (int)await CommandRunner.RunAsync(CallName.Expand(CallName.OfThisProcess(), args), CliHost.OfThisProcess());
