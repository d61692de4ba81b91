using ClusterActors.Cli;

var arguments = CallName.Expand(CallName.OfThisProcess(), args);
return (int)await CommandRunner.RunAsync(arguments, CliHost.OfThisProcess());
