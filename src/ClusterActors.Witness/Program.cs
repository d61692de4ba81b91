using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using ClusterActors.Linux;
using ClusterActors.Linux.Time;
using ClusterActors.Witness;
using ClusterActors.Witness.Administration;
using ClusterActors.Witness.Serving;

const int Usage = 1;
const int Unreachable = 3;
const int Refused = 4;
const int Broken = 70;

CommandLine line;
try
{
    line = CommandLine.Parse(args, Environment.GetEnvironmentVariable("CLP_ROOT"));
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(CommandLine.Usage);
    return Usage;
}

var paths = WitnessPaths.From(line.Root);
try
{
    return line.Words switch
    {
        "run" => await ServeAsync(),
        "measure" => Measure(),
        "status" => await StatusAsync(),
        "register" => await CommandAsync(AdministrationHost.RegisterRoute.Replace("{name}", Uri.EscapeDataString(line.Operand), StringComparison.Ordinal)),
        "cluster add" => await AddAsync(),
        _ => await RemoveAsync(),
    };
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    return Usage;
}
catch (HttpRequestException e)
{
    Console.Error.WriteLine($"{paths.ControlSocket}: no witness answers here ({e.InnerException?.Message ?? e.Message}); start it (systemctl start clp-witness), and ask as root");
    return Unreachable;
}
catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException)
{
    Console.Error.WriteLine($"clpwitness cannot go on: {e.Message}");
    return Broken;
}

async Task<int> ServeAsync()
{
    paths.CreateFolders();
    using var service = new WitnessService(new WitnessOptions(line.Listen, paths, BootIdentity.Read()), Log);
    using var certificate = OwnCertificate.LoadOrMake(paths, Environment.MachineName, TimeProvider.System);
    var options = new AdministrationOptions(paths.ControlSocket, line.Listen, certificate, OwnCertificate.LoadOrMakeToken(paths));
    await using var administration = await AdministrationHost.StartAsync(options, service, TimeProvider.System);
    using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
    using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        context.Cancel = true;
        _ = service.AskAsync(s => s.Reload().Count);
    });
    Log($"serving on {string.Join(", ", line.Listen)}, udp for the servers and tcp for administrators");
    service.Run();
    return 0;

    void End(PosixSignalContext context)
    {
        context.Cancel = true;
        service.End();
    }
}

int Measure()
{
    var folder = Directory.CreateTempSubdirectory("clpwitness-");
    try
    {
        Console.WriteLine(Measurement.Run(folder.FullName, BootIdentity.Read(), line.Count));
        return 0;
    }
    finally
    {
        folder.Delete(recursive: true);
    }
}

async Task<int> StatusAsync()
{
    using var client = new AdministrationClient(paths, TimeProvider.System);
    var status = await client.StatusAsync();
    Console.Write(line.Json ? JsonSerializer.Serialize(status, WitnessJson.Default.WitnessStatus) + "\n" : StatusText.Render(status));
    return 0;
}

async Task<int> AddAsync()
{
    var file = ClusterFiles.Add(paths, line.Operand);
    Console.WriteLine($"{paths.ClusterFile(file.Name)}: written, cluster {file.Name} of {file.Servers} servers");
    return await TellAsync();
}

async Task<int> RemoveAsync()
{
    if (!ClusterActors.Model.Voting.WitnessClusterFile.IsName(line.Operand) || !File.Exists(paths.ClusterFile(line.Operand)))
    {
        Console.Error.WriteLine($"no cluster '{line.Operand}' in {paths.Clusters}");
        return Refused;
    }

    File.Delete(paths.ClusterFile(line.Operand));
    Console.WriteLine($"{paths.ClusterFile(line.Operand)}: removed");
    return await TellAsync();
}

// A witness that does not run reads the files when it starts.
async Task<int> TellAsync() => File.Exists(paths.ControlSocket) ? await CommandAsync(AdministrationHost.ReloadRoute) : 0;

async Task<int> CommandAsync(string route)
{
    using var client = new AdministrationClient(paths, TimeProvider.System);
    var answer = await client.CommandAsync(route);
    foreach (var sentence in answer.Sentences)
        (answer.Done ? Console.Out : Console.Error).WriteLine(sentence);
    return answer.Done ? 0 : Refused;
}

void Log(string sentence) => Console.Error.WriteLine(sentence);
