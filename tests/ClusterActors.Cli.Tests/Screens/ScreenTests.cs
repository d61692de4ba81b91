using System.Runtime.CompilerServices;
using ClusterActors.Cli.Screens;
using ClusterActors.Cli.Tests.Support;
using ClusterActors.Control;

namespace ClusterActors.Cli.Tests.Screens;

/// <summary>Each screen against the text beside this file. Set CLP_WRITE_SCREENS=1 to write them anew, then read the difference.</summary>
public sealed class ScreenTests
{
    [Theory]
    [InlineData("status", "healthy")]
    [InlineData("status", "troubled")]
    [InlineData("groups", "healthy")]
    [InlineData("groups", "troubled")]
    [InlineData("heartbeats", "healthy")]
    [InlineData("heartbeats", "troubled")]
    public void Screen_must_look_as_agreed(string screen, string sample)
    {
        var status = sample == "healthy" ? Samples.Healthy : Samples.Troubled;
        Compare($"{screen}-{sample}.txt", Render(screen, status));
    }

    [Fact]
    public void Beats_must_look_as_agreed() => Compare("beats.txt", BeatScreen.Render(Samples.Figures));

    private static string Render(string screen, ClusterStatus status) => screen switch
    {
        "status" => StatusScreen.Render(status),
        "groups" => GroupMapScreen.Render(status),
        _ => HeartbeatScreen.Render(status),
    };

    private static void Compare(string name, string text, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, name);
        if (Environment.GetEnvironmentVariable("CLP_WRITE_SCREENS") == "1")
            File.WriteAllText(file, text);
        Assert.Equal(File.ReadAllText(file), text);
    }
}
