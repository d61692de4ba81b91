using System.Diagnostics;

namespace ClusterActors.Node.Composition;

/// <summary>Final actions on the machine itself.</summary>
internal static class Machine
{
    /// <summary>Asks the init system to take the machine down; the guardian has made the server safe by then.</summary>
    public static void PowerOff(bool reboot)
    {
        using var shutdown = Process.Start(new ProcessStartInfo("/sbin/shutdown", [reboot ? "-r" : "-h", "now"]) { UseShellExecute = false });
    }
}
